"""The learned ranker: predicts the canonical id of each field from its own texts and attributes and from the fields around it.

It is a sequence tagger over the fields of a form, with a softmax over canonical ids; "ranker" is its name on the wire.
`candidates` come from fuzzy matches in the lexicon and the nearest neighbours in the index; `evidence` (with `ngrams`) turns
a form into feature arrays; `model` (with `weights`) turns those into probabilities, in numpy; `decide` turns the
probabilities into decisions with their signals. `ranker` has the interface and the settings; `features` has the number that
keeps features and weights in step. It is trained in `fieldwise_training.ranker`, on the same arrays.
"""
