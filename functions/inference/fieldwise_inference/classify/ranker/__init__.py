"""The learned ranker: the likeliest meaning of each field, given all that it says of itself and what the fields around it say.

In the terms of the trade it is a sequence tagger with a soft-max over the meanings; "ranker" is its name on the wire.
`candidates` are put forward by lexicon and index; `evidence` (with `ngrams`) turns a form into arrays; `model` (with
`weights`) turns those into probabilities with numpy; `decide` makes rulings of them and says what spoke for them. `ranker`
says what a ranker is; `features` ties the evidence to the weights. It is trained in `fieldwise_training.ranker`, on the same
arrays.
"""
