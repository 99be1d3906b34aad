"""How long a training takes to read feedback, and how much memory: `make bench-feedback`.

`log` makes a decision log, `reading` is the fresh process that is measured, `cli` compares and prints.
"""
