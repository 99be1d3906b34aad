"""Whether a field gets the same answer on every processor: a version run natively and under emulation."""
