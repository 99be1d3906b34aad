"""`python -m benchmarks.serving`."""

from benchmarks.serving.cli import app

app(prog_name="bench")
