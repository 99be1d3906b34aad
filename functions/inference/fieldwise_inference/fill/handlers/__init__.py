"""One handler per type of field: a blank in, an answer or a refusal out."""
