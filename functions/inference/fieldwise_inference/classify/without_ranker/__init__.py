"""Decides by rules, each field on its own, in a version built without a ranker (`ranker_members: 0`).

`decide` tries the steps in order: `lexical` (an exact or fuzzy match in the lexicon), then `semantic` (the nearest synonym in
the index, against a `dynamic_threshold`). docs/decisions/0003 compares it with the ranker; `make quality WITHOUT_RANKER=1`
measures it.
"""
