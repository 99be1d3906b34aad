"""How well a version understands forms with known truth: `make quality FIELDS=…`.

`measure` classifies the forms, `figures` counts with the gate's own metrics, `tables` and `pictures` show it.
"""
