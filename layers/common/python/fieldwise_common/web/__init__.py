"""What the two FastAPI apps share: problem documents, authentication, the body limit. Training does not import it."""
