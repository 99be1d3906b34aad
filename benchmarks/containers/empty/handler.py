"""A function that does nothing."""


def lambda_handler(_event: object, _context: object) -> dict[str, str]:
    """Returns at once."""
    return {}
