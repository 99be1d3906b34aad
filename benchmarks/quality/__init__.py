"""How well a version understands forms whose truth is known: `make quality FIELDS=…`.

`truth` reads what the fields really mean, `serving` runs inference over them, `measure` counts, `show` prints and draws.
"""
