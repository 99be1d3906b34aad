"""Training: canonical data and feedback in, a measured and sealed model version out, promoted if it is better.

Data flows one way: the loaders (`canonical_loader`, `corpus`, `feedback_processor`) → `encoder` → `index` → `evaluation`
→ `release`; `steps` strings them together, and `handler` (Step Functions) and `cli` (a shell) call the steps.
"""
