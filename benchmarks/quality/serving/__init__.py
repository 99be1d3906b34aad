"""Inference, started in this process as Lambda would start it, over a model store."""
