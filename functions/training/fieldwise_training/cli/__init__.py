"""`python -m fieldwise_training`: a whole run from a shell, the versions of a store, and the data that versions are made from.

`app` has what all commands share, `tables` what they print.
"""

from fieldwise_training.cli import data, run, versions  # noqa: F401 their commands
from fieldwise_training.cli.app import app

__all__ = ["app"]
