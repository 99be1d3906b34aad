"""The steps of a run, in order; each a function from one state to the next, everything else handed over in the store."""
