"""From the description of a form's fields to one decision per field. No HTTP, no files, no environment.

The story, which `decide` tells in four lines:

1. `field_view` and `text` prepare what each field says of itself.
2. `certain`: what settles a field by itself. Its type (`fillable`), its `autocomplete` attribute, or a text whose meaning
   people's feedback has confirmed.
3. `ranker`: the likeliest meaning of every field that is still open, from all that the form's fields say, what the
   `lexicon` knows of their texts, and the `nearest` synonyms in the index.
4. `conflicts`: the form as a whole; what single fields got is made to fit together.

Beside the road: `explain` says why (`debug/threshold`); `without_ranker` decides step 3 for a version made without a ranker;
`ports` and `loaded_version` say what a model version has to offer.
"""
