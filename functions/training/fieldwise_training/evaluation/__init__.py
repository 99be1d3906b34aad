"""Whether a version is good enough, and its report.

`predictions` (what a version predicts) and `agreed` (the forms that users judged) → `measure` → `metrics` (how good it is),
`comparison` (which fields flipped, and whether the loss is significant) and `overrides` → `record` (`metrics.json`) → `verdict` →
`report`.
"""
