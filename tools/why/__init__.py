"""Explains one decision, of a log or about a form in a file: `python -m tools.why --help`."""
