"""Whether a version is good enough, and its report.

`predictions` (what a version predicts) and `agreed` (the forms that users judged) → `measure` → `metrics` (how good it is),
`comparison` (which fields flipped, and whether the loss is significant), `intervals` (how sure the differences are), `ancestors` (the
best earlier version) and `overrides` → `record` (`metrics.json`) → `verdict` → `report`. `details`: what other steps store for the report.
`shadow`: what a version in shadow decides otherwise than the live one, by kind of `changes`.
"""
