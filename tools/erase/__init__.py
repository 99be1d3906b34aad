"""Erases one user from a deployed stack: a command for its operator, not a route. `python -m tools.erase --help`."""
