"""Commands for operators and developers. Nothing here is deployed."""
