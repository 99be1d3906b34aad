"""From the description of a form's fields to one decision per field. No HTTP, no files, no environment.

`text` prepares what a field says; `steps` are tried in order by `decide`, each with its own evidence: `fillable`
(types), `autocomplete`, `lexical`, `semantic`; `conflicts` looks at the form as a whole.
"""
