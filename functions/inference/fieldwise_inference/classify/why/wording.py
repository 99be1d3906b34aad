"""How sentences write ids, owners, numbers and quotations."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from fieldwise_common.canonical import about, is_negative

MAX_QUOTED = 60
"""Characters of a quoted text; a longer one is shortened."""

_UNPRINTABLE = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""Control characters, and marks that change the direction of the text around them."""
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_ISOLATE, _END = "\u2068", "\u2069"

OWNERS: Mapping[str, str] = {
    "earlier": "the user's past",
    "partner": "the user's partner",
    "family": "a relative",
    "emergency": "an emergency contact",
    "reference": "a referee",
    "recipient": "a recipient",
    "companion": "a companion or guest",
    "contact": "another person",
    "thing": "a thing or an organisation",
}
"""Whose data a field can ask for besides the user's own of today, as sentences name them."""


def named(canonical: str) -> str:
    """An id, with its meaning if the id alone does not tell."""
    means = about(canonical).means
    return f"{canonical} ({means})" if means else canonical


def meaning(canonical: str) -> str:
    """As `named`; of a negative id, its meaning alone."""
    return "none of the user's data" if is_negative(canonical) else named(canonical)


def owner_of(owner: str) -> str:
    """Whose data a field asks for, in words."""
    return OWNERS.get(owner, f"somebody else ({owner})")


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Texts as a list in a sentence."""
    *first, last = texts
    return f"{', '.join(first)} {word} {last}" if first else last


def two(probability: float) -> str:
    """A probability with two decimals."""
    return f"{probability:.2f}"


def compared(score: float, threshold: float) -> tuple[str, str]:
    """Both with two decimals, or with four if two would make them look equal."""
    digits = 2 if two(score) != two(threshold) else 4
    return f"{score:.{digits}f}", f"{threshold:.{digits}f}"


def shortened(text: str, end: int = 0) -> str:
    """A text in one line, of at most `MAX_QUOTED` characters, without characters that could garble the line it is quoted in.

    `end`: how many of its last characters to keep.
    """
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= MAX_QUOTED else line[: MAX_QUOTED - 1 - end].rstrip() + "…" + line[len(line) - end :]


def quoted(text: str) -> str:
    """A text in quotation marks. One that is written from right to left is isolated, so that the sentence keeps its order."""
    short = shortened(text).replace("“", '"').replace("”", '"')
    is_right_to_left = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in short)
    return f"“{_ISOLATE}{short}{_END}”" if is_right_to_left else f"“{short}”"
