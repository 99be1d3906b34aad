"""Dates as a profile holds them (`values`), and as fields expect them (`formats`)."""
