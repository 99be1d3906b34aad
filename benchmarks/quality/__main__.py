"""`python -m benchmarks.quality`."""

from benchmarks.quality.cli import app

app(prog_name="quality")
