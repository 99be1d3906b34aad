"""What the two FastAPI apps share: problems as answers, the caller of a request, limits. Functions without HTTP don't import it."""
