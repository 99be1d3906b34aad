"""Overrides: what an admin says about a field of a site, effective at once and for everyone."""
