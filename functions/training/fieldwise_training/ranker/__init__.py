"""Trains the ranker, the network that decides which canonical id each field of a form has.

In order: `lesson` (a form, and what is known of its fields), `lessons` (those from feedback), `examples` (forms as arrays), `batches`
(packing and augmentation), `network` (in torch), `fit` (training), `temperature` (calibration); `build` puts them together, `plan` has
the hyperparameters. The weights are stored as plain arrays, which `fieldwise_inference.classify.ranker` runs with
numpy.
"""
