"""The words and numbers that all sentences have in common."""

from collections.abc import Mapping, Sequence

from fieldwise_common.canonical import about, is_negative

OWNERS: Mapping[str, str] = {
    "earlier": "an earlier time of the user's",
    "partner": "the user's partner",
    "family": "a relative",
    "emergency": "an emergency contact",
    "reference": "a referee",
    "recipient": "a recipient",
    "companion": "a companion or guest",
    "contact": "another person",
    "thing": "a thing or an organisation",
}
"""Whom a field can ask about, apart from the user as they are."""


def named(canonical: str) -> str:
    """An id, with what it means if its name does not tell."""
    means = about(canonical).means
    return f"{canonical} ({means})" if means else canonical


def meaning(canonical: str) -> str:
    """An id, or what a negative one means."""
    return "nothing of the user's" if is_negative(canonical) else named(canonical)


def owner_of(owner: str) -> str:
    """Whom a field asks about."""
    return OWNERS.get(owner, f"somebody else ({owner})")


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Texts as a list in a sentence."""
    *first, last = texts
    return f"{', '.join(first)} {word} {last}" if first else last


def two(probability: float) -> str:
    """A probability with two decimals."""
    return f"{probability:.2f}"


def compared(score: float, threshold: float) -> tuple[str, str]:
    """Both with two decimals, or with four, where two would show them as equal."""
    digits = 2 if two(score) != two(threshold) else 4
    return f"{score:.{digits}f}", f"{threshold:.{digits}f}"
