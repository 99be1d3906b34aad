"""How long a version takes to answer, and to start: `make bench-latency`.

`requests` are made of the held-out forms, `timing` times them, `first_answer` is the fresh process of a cold start.
"""
