"""Flattens a nested profile into `canonical id → value`, by `mapping.toml` and a few named derivations."""
