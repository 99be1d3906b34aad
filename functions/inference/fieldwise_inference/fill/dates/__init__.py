"""Dates as a profile holds them, and as fields want them written."""
