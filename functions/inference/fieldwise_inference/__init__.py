"""Inference: classifies form fields, and formats profile values for them."""
