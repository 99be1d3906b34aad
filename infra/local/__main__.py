"""`python -m local run|sam-local|token|try|train`."""

from local.cli import main

main()
