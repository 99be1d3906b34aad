"""How well a version understands forms with known truth: `make quality FIELDS=…`.

`measure` classifies and fills the forms, `figures` counts with the gate's own metrics, `kinds` what a user feels; `tables` and `pictures`
show it.
"""
