"""The backend's own share of a request: the processor time of its real handler, by part, beside a reference."""
