"""The user's own data: its schema, and reading, replacing, patching and deleting it without lost updates."""
