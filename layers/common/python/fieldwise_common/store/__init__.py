"""The model store: immutable versions under a prefix, and one pointer that says which of them is live.

`objects` is what any object store must do; `s3` and `folder` do it; `manifest` is what a version and the pointer say of
themselves; `model_store` is the logic over them.
"""
