"""The semantic step: the meaning whose synonyms are nearest to the field's text, if it is near enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fieldwise_common.canonical import is_negative
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import admits
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.thresholds import Thresholds, dynamic_threshold

NEIGHBOURS = 12
"""Synonyms looked at per field: enough for the second-best meaning to be among them."""

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts to unit vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), each row of length 1; the same text always gives the same vector, maybe a remembered one."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As `encode`, without remembering."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One synonym near a field's text. `score` is the cosine, to a few digits."""

    canonical: str
    text: str
    score: float


class Index(Protocol):
    """Nearest synonyms by inner product."""

    def search(self, vectors: Vectors, k: int) -> list[list[Neighbour]]:
        """At most `k` neighbours of each row, nearest first."""


def best_by_canonical(neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """The nearest synonym of each meaning, nearest first."""
    best: dict[str, Neighbour] = {}
    for neighbour in neighbours:
        best.setdefault(neighbour.canonical, neighbour)
    return list(best.values())


def by_meaning(view: FieldView, neighbours: Sequence[Neighbour], lexicon: Lexicon, thresholds: Thresholds) -> Ruling:
    """The nearest meaning the field's type admits and feedback has not taken away, against the dynamic threshold.

    `neighbours`: the best synonym of each meaning, nearest first.
    """
    candidates = [n for n in neighbours if admits(view, n.canonical) and not lexicon.rejects(view.label, n.canonical)]
    if not candidates:
        return Ruling("unsure", "semantic", signals=(f"text:{view.text_source}", "no-candidate"))
    best = candidates[0]
    is_close = len(candidates) > 1 and best.score - candidates[1].score < thresholds.margin
    threshold, adjustments, _ = dynamic_threshold(view, best.canonical, is_close, thresholds)
    signals = (f"text:{view.text_source}", f"nearest:{best.text}", *adjustments)
    score = float(min(max(best.score, 0.0), 1.0))
    if score < threshold:
        return Ruling("unsure", "semantic", best.canonical, score, threshold, signals)
    return Ruling("nothing" if is_negative(best.canonical) else "accepted", "semantic", best.canonical, score, threshold, signals)
