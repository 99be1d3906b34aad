"""HTTP routes: each parses its request, calls one service, and returns a typed model."""
