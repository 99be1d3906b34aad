"""A nested profile as `canonical id → value`, by the mapping in `mapping.toml` and a few named derivations."""
