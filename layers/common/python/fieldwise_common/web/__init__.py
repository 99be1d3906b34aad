"""What the two FastAPI apps share: problem documents, authentication, how a body is read. Training does not import it."""
