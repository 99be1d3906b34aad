"""`python -m benchmarks.budget`."""

from benchmarks.budget.cli import app

app(prog_name="budget")
