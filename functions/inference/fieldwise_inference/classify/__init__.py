"""From the description of a form's fields to one decision per field. No HTTP, no files, no environment.

The main path is four lines in `decide.rule`:

1. `field_view` and `text` normalise the attributes and texts of each field.
2. `certain` decides the fields that need no model: by their type (`fillable`), by their `autocomplete` attribute, or by a
   text whose meaning users' feedback has confirmed.
3. `ranker` predicts the canonical id of every other field, from the texts and attributes of all fields of the form, exact
   and fuzzy matches in the `lexicon`, and the `nearest` synonyms in the index.
4. `conflicts` resolves contradictions between the fields of a form.

Outside the main path: `explain` (`debug/threshold`) shows why a field is decided as it is; `without_ranker` replaces step 3
in a version built without a ranker; `ports` and `loaded_version` define what a model version provides.
"""
