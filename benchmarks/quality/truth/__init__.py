"""Forms whose truth is known, read from a truth file or from authored forms."""
