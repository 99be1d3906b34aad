"""The option nearest in meaning, if one clearly stands out."""

from collections.abc import Sequence

import numpy as np

from fieldwise_common.wire import Option
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.choices.words import NEGATIONS
from fieldwise_inference.fill.names import key
from fieldwise_inference.fill.options import text_of

MIN_COSINE = 0.6
"""An option less similar than this does not mean the value."""
MIN_LEAD = 0.08
"""Cosine by which the nearest option must lead the second."""
MAX_COMPARED = 60
"""Longer lists hold names of things, which are found by name or not at all."""


def nearest(value: str, options: Sequence[Option], encoder: Encoder) -> Option | None:
    """The option nearest to the value, if its cosine is at least `MIN_COSINE` and leads by at least `MIN_LEAD`.

    The encoder may cache the options, but never the value.
    """
    if not 0 < len(options) <= MAX_COMPARED:
        return None
    scores = encoder.encode([text_of(option) for option in options]) @ encoder.embed([value])[0]
    order = np.argsort(-scores, kind="stable")
    best = options[int(order[0])]
    is_near = scores[order[0]] >= MIN_COSINE
    stands_out = len(order) == 1 or scores[order[0]] - scores[order[1]] >= MIN_LEAD
    agrees = _is_negated(value) == _is_negated(text_of(best))
    return best if is_near and stands_out and agrees else None


def _is_negated(text: str) -> bool:
    return not NEGATIONS.isdisjoint(key(text).split())
