"""Inference: classifies form fields, and formats profile values for them."""

import os

# Read when numpy is imported. The ranker's matrices are small: with a second thread, an answer takes twice the processor time, and longer.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
