"""How long a version takes to answer, and to begin: `make bench-latency`.

`forms` cuts the authored forms to size, `timing` runs and times them, `cold_start` begins afresh, `figures` is what was
measured, `show` prints it.
"""
