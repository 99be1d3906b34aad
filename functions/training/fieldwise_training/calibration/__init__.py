"""Fits every threshold of a version, to forms that it was not trained on: authored ones, and forms whose users agree on fields.

In order: `evidence` (predictions with their truth), `confidence` (from a score to the probability of being right), `ranker` and
`without_ranker` (the thresholds of the two ways to decide), `lexical` (the cut-off of fuzzy matches, before the ranker is trained),
`budget` (thresholds that keep the owner's budget for wrong fills), `cross_fit` (more sites for it), `drift` (whether it still holds).
"""
