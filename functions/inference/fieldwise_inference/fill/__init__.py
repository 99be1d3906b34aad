"""Fills matches from a flat profile, each value in the format its field expects. No HTTP, no files, no environment.

The way of one field:

    dispatch            the match's field, canonical id and value become a `FieldToFill`, unless it is never filled (`misfit`)
      ├ choices/        selects, radios, tick boxes: which option is the value (`choose`), from the same text to the nearest meaning
      └ handlers/       all others, by kind of answer: the ways to write the value, the best first
          └ fit         the first of them that the field's `maxlength` and `pattern` allow
    result              what comes back: `Filled` with a value, or `NotFilled` with a reason

Where to add

- an id whose answer is of a kind that is known already: nowhere here, its row in the catalogue suffices;
- a date format: `dates/formats`, a row of `_LETTERS` (letters of a language) or `COMMON` (what patterns are tried against);
- a word for an answer ("yes", "female", "full-time"): `choices/equivalents.json`;
- a prompt that is no answer ("Select…"): `_PROMPTS` in `options`;
- a kind of answer with a format of its own: a file in `handlers`, named in `dispatch.BY_ANSWER` and, if options are found by
  more than words, in `choices/choose`;
- a question that is easily confused with another: `misfit`.
"""
