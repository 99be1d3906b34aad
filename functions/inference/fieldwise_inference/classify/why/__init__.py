"""Why a field is decided as it is.

`left_out` measures what each view of a field contributes to the ranker's answer, `reasons` gathers all there is to say, and `words` says it
in plain English, `decided` first.
"""
