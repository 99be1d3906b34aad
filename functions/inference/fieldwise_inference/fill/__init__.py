"""Fills matches from a flat profile, each value in the format its field expects. No HTTP, no files, no environment.

The way of one form:

    questions/          what is asked: which matches are one question (`fields`), what a yes-or-no question claims (`claims`, `polarity`),
      │                 in which unit (`units`, `conversions`, `money`), on which scale (`grades`), about which country (`places`)
    form                the value for each match, by its repeated block, and what else its part of the form asks for
    dispatch            a field, its canonical id and its value become a `FieldToFill`, unless it is never filled or asks for something
      │                 else (`misfit`)
      ├ choices/        selects, radios, tick boxes: which option is the value (`choose`), from the same text to the nearest meaning, or
      │                 which is true (`statements`); over all members of a question (`tick`)
      └ handlers/       all others, by kind of answer: the ways to write the value, the best first
          └ fit         the first of them that the field's `maxlength` and `pattern` allow
    result              what comes back: `Filled` with a value, or `NotFilled` with a reason

Where to add what: docs/changing.md.
"""
