"""A user's own corrections, by site and field, and the forms they classified last, in which feedback finds its field."""
