"""What is known of the world beyond a single form: countries, months, languages, and what words mean the same."""
