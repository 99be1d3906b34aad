"""Prints the table that `docs/operations.md` holds."""

import sys

from benchmarks.cost.estimate import table

sys.stdout.write(table() + "\n")
