"""A model version in memory: its files opened (`encoder`, `index`, `version`), and kept current (`holder`)."""
