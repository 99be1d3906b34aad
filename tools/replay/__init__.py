"""Makes logged decisions again, with any version: `python -m tools.replay --help`, and why in docs/decisions/0013."""
