"""`python -m fieldwise_training`."""

from fieldwise_training.cli import app

app(prog_name="fieldwise_training")
