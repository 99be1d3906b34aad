"""Which of a field's options is the profile's answer. The surest evidence comes first; without enough of it, none is chosen."""
