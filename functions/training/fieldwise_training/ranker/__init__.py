"""Training the ranker: forms to arrays (`examples`), the network in torch (`network`), fitting it (`fit`), its sureness (`calibrate`).

What comes out are plain arrays that `fieldwise_inference.classify.ranker` runs with numpy.
"""
