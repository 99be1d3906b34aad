"""What a canonical id is, beyond its synonyms: which ids mean "nothing", and which are never filled.

An id is one of the HTML standard's autofill tokens (https://html.spec.whatwg.org/#autofill) where it has one, and
kebab-case in the same spirit beyond it. An id that starts with `none:` is negative: the field is certainly nothing of
the user's (`none:search`, `none:coupon`).
"""

NEGATIVE_PREFIX = "none:"
NOTHING = "none"
"""What a negative id is called on the wire, and what feedback names a field we missed."""

SECRET_IDS = frozenset(
    {
        "current-password",
        "new-password",
        "one-time-code",
        "cc-name",
        "cc-given-name",
        "cc-additional-name",
        "cc-family-name",
        "cc-number",
        "cc-exp",
        "cc-exp-month",
        "cc-exp-year",
        "cc-csc",
        "cc-type",
    }
)
"""Recognised, so that nothing else lands in them; never stored, never filled."""


def is_negative(canonical: str) -> bool:
    """Whether `canonical` says that a field is certainly nothing of the user's."""
    return canonical == NOTHING or canonical.startswith(NEGATIVE_PREFIX)


def is_secret(canonical: str) -> bool:
    """Whether a field of this meaning is recognised but never filled."""
    return canonical in SECRET_IDS
