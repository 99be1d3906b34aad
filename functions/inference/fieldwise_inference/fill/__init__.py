"""Fills matches from a flat profile, each value in the format its field expects. No HTTP, no files, no environment.

The way of one field:

    dispatch            the match's field, canonical id and value become a `FieldToFill`, unless it is never filled (`misfit`)
      ├ choices/        selects, radios, tick boxes: which option is the value (`choose`), from the same text to the nearest meaning
      └ handlers/       all others, by kind of answer: the ways to write the value, the best first
          └ fit         the first of them that the field's `maxlength` and `pattern` allow
    result              what comes back: `Filled` with a value, or `NotFilled` with a reason

Where to add what: docs/changing.md.
"""
