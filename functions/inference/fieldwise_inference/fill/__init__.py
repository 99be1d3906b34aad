"""From matches and a flat profile to values in the fields' own formats. No HTTP, no files, no environment.

`dispatch` sends each match to the handler of its field's type (`handlers`). Handlers that write free text propose
variants, the best first, and `fitting` takes the first that the field's length and pattern admit; handlers of
choices ask `choices` for the one option that means the value. `dates` reads and writes dates, `knowledge` is what is
known of the world beyond a single form: countries, months, languages, and what words mean the same.
"""
