"""The road of a version made without a ranker (`ranker_members: 0`): each open field by itself, by rules.

`decide` takes the steps in order: `lexical` (the lexicon knows the text exactly, or nearly), then `semantic` (the nearest
synonym in the index, against a `dynamic_threshold`). docs/decisions/0003 has its figures beside the ranker's; `make quality
WITHOUT_RANKER=1` measures it.
"""
