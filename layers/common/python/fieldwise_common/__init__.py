"""What Fieldwise's functions share: the wire format, errors, authentication, the model store, the log's codec."""

CODE_VERSION = "0.1.0"
"""Recorded in every manifest and returned by `/health`."""
