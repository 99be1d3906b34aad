"""The API: classify, fill, feedback, debugging, overrides, and the caller's own memory and profile."""
