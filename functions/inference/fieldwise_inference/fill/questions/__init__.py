"""What a field asks, read from its texts: which fields are one question, whether it is inverted, whose country it means, in which unit."""
