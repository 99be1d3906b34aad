"""Explains why a field is decided as it is.

Data flows one way: `asked_field` is what the decision was made from, `view_effects` measures what each part of the field and its form
contributed, `reasons` collects all findings, and `sentences` puts them into plain English, `first_sentence` first. What they quote is in
`view_texts`, how they write names and numbers in `wording`.
"""
