"""The comparable form of a value or an option."""

import re

from fieldwise_inference.classify.text import normalise

_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")
_INITIALS = re.compile(r"\b(?:\w )+\w\b")


def key(text: str) -> str:
    """A text without case, accents, apostrophes and punctuation; initials joined, so that `U.S.A.` is `usa`."""
    plain = normalise(text.translate(_APOSTROPHES))
    return _INITIALS.sub(lambda found: found.group().replace(" ", ""), plain) if " " in plain else plain
