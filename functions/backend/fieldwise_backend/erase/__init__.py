"""Erasing one user everywhere: a command for whoever runs a stack, not a route. `python -m fieldwise_backend.erase --help`."""
