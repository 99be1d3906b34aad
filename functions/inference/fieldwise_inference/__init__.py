"""Inference: says what each field of a form means, and puts a profile's values into the fields' own formats."""
