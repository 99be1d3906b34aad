"""A version as it is written, sealed, promoted and announced."""
