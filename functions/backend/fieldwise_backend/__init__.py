"""The API: classify, fill, feedback, the threshold debugger, and the caller's own profile."""
