"""How the running stack bears load, and a promotion in the middle of it: `make bench-load`.

`target` is the stack, the running one or its own; `generator` sends; `figures` counts.
"""
