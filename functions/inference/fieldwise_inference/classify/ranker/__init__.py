"""The learned ranker: which meaning is likeliest, given everything a field says of itself and the fields around it.

`ngrams` and `evidence` turn a form into arrays; `model` turns them into probabilities with numpy; `ruling` makes decisions
of those and says what spoke for them. It is trained in `fieldwise_training.ranker`, on the same arrays.
"""
