"""What every function of Fieldwise shares: the wire contract, errors, authorization, the model store, the log's codec."""

CODE_VERSION = "0.1.0"
"""Written into every manifest and answered by `/health`."""
