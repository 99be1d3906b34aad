"""Options that are ranges of numbers: `18-24`, `under 18`, `5+ years`, `<1`."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from fieldwise_common.wire import Option
from fieldwise_inference.fill.choices.options import text_of
from fieldwise_inference.fill.knowledge.numbers import number_of, numbers_of

NUMERIC_IDS = frozenset({"age", "years-of-experience", "desired-salary", "current-salary", "gpa"})
"""Meanings whose options are numbers, never to be compared by how their texts sound."""

_BELOW = re.compile(
    r"[<≤]|\b(?:under|below|less than|fewer than|up to|unter|bis|moins de|menos de|meno di|minder dan)\b|未満|以下", re.IGNORECASE
)
_ABOVE = re.compile(
    r"\d\s*k?\s*\+|[>≥]|\b(?:over|above|more than|at least|or more|and over|über|ab|mehr als|plus de|más de|mais de|meer dan)\b|以上",
    re.IGNORECASE,
)


def _bounds(text: str, canonical: str) -> tuple[Decimal | float, Decimal | float] | None:
    """The closed interval a text speaks of; None when it speaks of none."""
    numbers = numbers_of(text, canonical)
    if len(numbers) == 2 and numbers[0] <= numbers[1]:
        return numbers[0], numbers[1]
    if len(numbers) != 1:
        return None
    if _BELOW.search(text):
        return -math.inf, numbers[0]
    return (numbers[0], math.inf) if _ABOVE.search(text) else (numbers[0], numbers[0])


def range_around(canonical: str, value: str, options: Sequence[Option]) -> Option | None:
    """The option whose range holds the value; of two that share a bound, the one that begins there."""
    number = number_of(value, canonical) if canonical in NUMERIC_IDS else None
    if number is None:
        return None
    ranges = [(bounds, option) for option in options if (bounds := _bounds(text_of(option), canonical)) is not None]
    holding = [(bounds[0], option) for bounds, option in ranges if bounds[0] <= number <= bounds[1]]
    return max(holding, key=lambda found: found[0])[1] if holding else None
