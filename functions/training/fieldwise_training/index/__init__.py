"""The FAISS index of synonyms (`index_builder`), and the lexicon of exact texts (`lexicon_builder`)."""
