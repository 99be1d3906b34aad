"""`python -m benchmarks.latency`."""

import os

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(pool, "1")  # read when numpy and faiss are imported: a function has one processor

from benchmarks.latency.cli import app  # noqa: E402  # only now may numpy be imported

app(prog_name="latency")
