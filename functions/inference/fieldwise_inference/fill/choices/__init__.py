"""Which of a field's options is the profile's answer: the strongest evidence first, and no option if there is not enough of it."""
