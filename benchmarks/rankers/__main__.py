"""`python -m benchmarks.rankers`."""

import os

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(pool, "1")  # read when numpy and torch are imported: all approaches get the same, one processor

from benchmarks.rankers.cli import app  # noqa: E402  # only now may numpy be imported

app(prog_name="rankers")
