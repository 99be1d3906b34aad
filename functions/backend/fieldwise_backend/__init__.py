"""The API: classify, fill, feedback, debugging, and the caller's own profile."""
