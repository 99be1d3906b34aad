"""What is searched: the FAISS index of synonyms, and the lexicon of exact texts."""
