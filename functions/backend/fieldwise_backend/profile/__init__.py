"""The user's profile: its schema, and reading, replacing, patching and deleting it without lost updates."""
