"""Which ids are one and the same to whoever fills the field."""

EQUAL = (
    frozenset({"address-line1", "street-address"}),
    frozenset({"country", "country-name"}),
    frozenset({"tel", "tel-national", "tel-local"}),
    frozenset({"current-password", "new-password"}),
)
"""Pages ask for each of a group in the same words, and one's value does for the other."""


def same(one: str, other: str) -> bool:
    """Whether the two ids are equal, leniently."""
    return one == other or any(one in group and other in group for group in EQUAL)
