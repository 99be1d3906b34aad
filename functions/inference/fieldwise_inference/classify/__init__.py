"""From the description of a form's fields to one decision per field. No HTTP, no files, no environment.

The main path is `decide.rule`:

1. `field_view` and `text` normalise the attributes and texts of each field; `questions` joins the radios and boxes that answer one
   question, and leaves out what a user does not see. `form_place` and `option_kinds` recognise the form's country and what lists offer.
2. `certain` decides the questions that need no model: by their type (`fillable`), by what people said (`known`), as traps, or by an
   `autocomplete` attribute that nothing contradicts.
3. `ranker` predicts the canonical id of every other question, from the texts and attributes of all fields of the form, exact
   and fuzzy matches in the `lexicon`, and the `nearest` synonyms in the index.
4. `conflicts` resolves contradictions between the fields of a form, and `entries` numbers its repeated blocks (job 1, job 2). What the
   page itself keeps apart is in `apart`.

Outside the main path: `explain` answers `debug/threshold`, and `why` finds the reasons for a decision; `without_ranker` replaces step 3
in a version built without a ranker; `ports` and `loaded_version` define what a model version provides.
"""
