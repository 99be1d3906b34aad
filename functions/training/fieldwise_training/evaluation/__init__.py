"""How good a version is on the held-out forms (`measure`, `metrics`), whether that is enough (`verdict`), and its report."""
