"""Months, however an option or a profile writes them."""

import re

from fieldwise_inference.fill.knowledge import locales
from fieldwise_inference.fill.knowledge.keys import key

_DIGITS = re.compile(r"\d+")


def month_by_name(text: str) -> int | None:
    """1..12 where a word of `text` (or all of it) names a month, in any of the languages."""
    name = key(text)
    whole = locales.month(name)
    if whole is not None:
        return whole
    named = {locales.month(word) for word in name.split()} - {None} if " " in name else set()
    return next(iter(named)) if len(named) == 1 else None


def month_of(text: str) -> int | None:
    """1..12 for a month's name or number (`3`, `03`, `3月`, `tháng 3`, `03 - March`); None for what is none."""
    numbers = _DIGITS.findall(text)
    if len(numbers) == 1 and len(numbers[0]) <= 2:
        return int(numbers[0]) if 1 <= int(numbers[0]) <= 12 else None
    return month_by_name(text) if not numbers else None
