"""Whether a budget for wrong fills keeps its promise on sites it was not calibrated on (`make bench-budget`)."""
