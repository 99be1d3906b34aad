"""Does learning work? What a correction does for its user, for strangers, for other sites; how well fields are recognised again."""
