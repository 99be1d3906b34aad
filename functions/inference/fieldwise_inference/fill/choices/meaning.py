"""The option nearest in meaning, where a wrong choice does little harm and one option stands out."""

from collections.abc import Sequence

import numpy as np

from fieldwise_common.wire import Option
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.choices.options import text_of
from fieldwise_inference.fill.choices.ranges import NUMERIC_IDS
from fieldwise_inference.fill.choices.words import NEGATIONS
from fieldwise_inference.fill.knowledge.equivalents import TOPICS, YES_NO_IDS
from fieldwise_inference.fill.knowledge.keys import key

FLOOR = 0.6
"""Cosine below which an option does not mean the value."""
MARGIN = 0.08
"""How far the nearest option must stand before the next."""
MAX_OPTIONS = 60
"""Options compared at most: longer lists are of things with names, which are found by name or not at all."""

GUESSABLE = frozenset({"degree", "employment-type", "remote-preference"})
EXACT_IDS = (
    frozenset(
        "country citizenship address-level1 address-level2 address-level3 address-level4 postal-code language bday bday-day bday-month"
        " bday-year start-date education-start-date education-end-date job-start-date job-end-date graduation-year tel tel-country-code"
        " tel-area-code given-name family-name name email notice-period".split()
    )
    | NUMERIC_IDS
    | ((YES_NO_IDS | TOPICS.keys()) - GUESSABLE)
)
"""Codes, names, numbers, and what people say of themselves: answered exactly or not at all."""


def nearest(canonical: str, value: str, options: Sequence[Option], encoder: Encoder) -> Option | None:
    """The option nearest to the value by cosine, at least `FLOOR` near and `MARGIN` before the next.

    The encoder may remember the options, never the value.
    """
    if canonical in EXACT_IDS or not 0 < len(options) <= MAX_OPTIONS:
        return None
    scores = encoder.encode([text_of(option) for option in options]) @ encoder.embed([value])[0]
    order = np.argsort(-scores, kind="stable")
    best = options[int(order[0])]
    is_near = scores[order[0]] >= FLOOR
    stands_out = len(order) == 1 or scores[order[0]] - scores[order[1]] >= MARGIN
    agrees = _negations(value) == _negations(text_of(best))
    return best if is_near and stands_out and agrees else None


def _negations(text: str) -> bool:
    return not NEGATIONS.isdisjoint(key(text).split())
