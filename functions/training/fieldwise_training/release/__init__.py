"""A version being made (`draft`), the code that made it (`provenance`), and telling inference about it (`reload`)."""
