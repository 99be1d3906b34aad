"""`python -m benchmarks.feedback`."""

from benchmarks.feedback.cli import app

app(prog_name="feedback")
