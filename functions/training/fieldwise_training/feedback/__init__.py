"""What users said about fields, and what follows from it.

`source` finds the log's new objects, `read` parses them, `join` finds the decisions that feedback without a signature is about, `forms`
collects the forms that got feedback (`judged`), `votes` makes one vote per user and field, `agreement` decides what holds for everyone,
`carry` merges it all with what the parent carries, `learned` lists the difference. `pairs` and `correct` are about plain CSV files, by
which an operator corrects the canonical synonyms.
"""
