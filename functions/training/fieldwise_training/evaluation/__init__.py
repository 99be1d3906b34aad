"""How good a version is, on forms it was not made from, and whether that is good enough."""
