"""`python -m local run|token|try|train`."""

from local.cli import main

main()
