"""The ranker's probabilities as decisions, with what spoke for them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import type_admits
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.evidence import LEXICAL_VIEWS, NEAR_FROM, Evidence, Floats, gather
from fieldwise_inference.classify.ranker.model import Ranker
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.semantic import Neighbour
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.classify.thresholds import RankerThresholds


def by_rank(
    views: Sequence[FieldView],
    neighbours: Sequence[Sequence[Neighbour]],
    lexicon: Lexicon,
    ranker: Ranker,
    thresholds: RankerThresholds,
) -> list[Ruling]:
    """One ruling per field of a form: the likeliest meaning its type admits and feedback has not taken away."""
    evidence = gather(views, neighbours, lexicon, ranker.numbers)
    allowed = ranker.probabilities(evidence) * _allowed(views, lexicon, ranker.settings.classes)
    best = allowed.argmax(axis=1)
    return [
        _ruling(ranker, evidence, row, ranker.settings.classes[best[row]], float(allowed[row, best[row]]), thresholds)
        for row in range(len(views))
    ]


def _allowed(views: Sequence[FieldView], lexicon: Lexicon, classes: tuple[str, ...]) -> Floats:
    """1 where a field may have a meaning, 0 where its type or feedback forbids it."""
    mask = np.stack([_admitted(view.kind, classes) for view in views]) if views else np.empty((0, len(classes)), np.float32)
    for row, view in enumerate(views):
        for canonical in lexicon.rejected.get(normalise(view.text), ()):
            mask[row, [c == canonical for c in classes]] = 0
    return mask


@lru_cache(maxsize=64)
def _admitted(kind: str, classes: tuple[str, ...]) -> Floats:
    """The same of a type alone; not to be written to."""
    return np.array([type_admits(kind, c) for c in classes], np.float32)


def _ruling(ranker: Ranker, evidence: Evidence, row: int, canonical: str, probability: float, thresholds: RankerThresholds) -> Ruling:
    signals = tuple(_signals(ranker, evidence, row, canonical))
    if canonical == NOTHING:
        outcome, threshold = ("nothing" if probability >= thresholds.nothing else "unsure"), thresholds.nothing
    else:
        threshold = thresholds.of(canonical)
        outcome = "accepted" if probability >= threshold else "unsure"
    return Ruling(outcome, "ranker", canonical, min(max(probability, 0.0), 1.0), threshold, signals)  # type: ignore[arg-type]


def _signals(ranker: Ranker, evidence: Evidence, row: int, canonical: str) -> list[str]:
    """The candidates the lexicon and the index put forward; `learned` where none of them is the answer.

    Then it was the field's words, shape and neighbours as the ranker learned to read them that decided.
    """
    ids = ranker.settings.ids
    lexical = {f"lexical:{view}": ids[n - 1] for view, n in zip(LEXICAL_VIEWS, evidence.lexical[row], strict=True) if n}
    scored = zip(evidence.near[row], evidence.nearness[row], strict=True)
    near = [(ids[n - 1], score + NEAR_FROM) for n, score in scored if n and score > 0]
    candidates = {*lexical.values(), *(candidate for candidate, _ in near)}
    is_named = canonical in candidates or (canonical == NOTHING and any(map(is_negative, candidates)))
    named = [f"{source}={candidate}" for source, candidate in lexical.items()]
    return [*named, *(f"near:{candidate}@{cosine:.2f}" for candidate, cosine in near), *([] if is_named else ["learned"])]
