"""The model store: immutable versions under a prefix, and one pointer to the live one.

`objects` is the interface of an object store, implemented by `s3` and `folder`; `manifest` has the formats of a version's
manifest and of the pointer; `model_store` is the logic on top of them, `history` and `prune` its past and its limits.
"""
