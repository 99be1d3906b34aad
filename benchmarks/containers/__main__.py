"""`python -m benchmarks.containers`."""

from benchmarks.containers.cli import app

app(prog_name="containers")
