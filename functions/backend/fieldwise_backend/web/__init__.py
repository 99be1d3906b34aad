"""The FastAPI app's middleware: problem documents, authentication, how a body is read."""
