"""Gradient-boosted trees that judge one candidate of one field at a time, by all that speaks for it and against it.

Candidates are what the lexicon says of any view, what the index finds near the label, and `none`: what nobody names can't win.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from benchmarks.rankers.forms import Shown
from sklearn.ensemble import HistGradientBoostingClassifier

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.fillable import type_admits
from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.thresholds import TYPE_SUPPORTS
from fieldwise_training.ranker.examples import Vocabulary

NEAR = 5
"""Meanings near the label that stand as candidates."""


class Boosting:
    """See the module."""

    varies = False

    def __init__(self) -> None:
        self._model = HistGradientBoostingClassifier(
            max_iter=250, learning_rate=0.1, max_leaf_nodes=48, min_samples_leaf=15, random_state=0
        )

    def learn(self, taught: Sequence[Shown], words: Vocabulary) -> None:
        """Counts which meanings follow each other, then fits the trees."""
        self._classes = words.classes
        self._number = {canonical: place for place, canonical in enumerate(words.classes)}
        self._ids = words.ids
        meanings = [[words.classes[t] for t in form.truth] for form in taught]
        self._often = Counter(meaning for form in meanings for meaning in form)
        self._follows = Counter(pair for form in meanings for pair in pairwise(form))
        rows: list[list[float]] = []
        right: list[bool] = []
        for form in taught:
            for row, canonical, features in self._candidates(form):
                rows.append(features)
                right.append(self._classes[form.truth[row]] == canonical)
        self._model.fit(np.array(rows, np.float32), np.array(right))
        self._unnamed = 1 - sum(right) / sum(len(form) for form in meanings)

    def probabilities(self, form: Shown) -> Floats:
        """float32 (n, classes): each candidate's odds, as shares of the field's; a rest for what nobody named, spread over all."""
        odds = np.zeros((len(form.fields), len(self._classes)), np.float32)
        found = list(self._candidates(form))
        judged = self._model.predict_proba(np.array([features for _, _, features in found], np.float32))[:, 1]
        for (row, canonical, _), share in zip(found, judged, strict=True):
            odds[row, self._number[canonical]] = share / max(1 - share, 1e-6)
        shares: Floats = (1 - self._unnamed) * odds / odds.sum(axis=1, keepdims=True) + self._unnamed / len(self._classes)
        return shares

    @property
    def size(self) -> int:
        """Bytes of the fitted trees."""
        return sum(tree.nodes.nbytes for trees in self._model._predictors for tree in trees)  # there is no public way to ask

    def _meaning(self, canonical: str) -> str:
        return NOTHING if is_negative(canonical) else canonical

    def _candidates(self, form: Shown) -> Iterator[tuple[int, str, list[float]]]:
        """(row, candidate, its features) of every field."""
        evidence = form.evidence
        hits = [[self._meaning(self._ids[number - 1]) if number else "" for number in row] for row in evidence.lexical]
        nearest = [{self._meaning(n.canonical): n.score for n in reversed(found[:NEAR])} for found in form.near]
        likely = [next((hit for hit in row if hit), next(reversed(near), "")) for row, near in zip(hits, nearest, strict=True)]
        for row, view in enumerate(form.views):
            before, after = (likely[row - 1] if row else "^"), (likely[row + 1] if row + 1 < len(likely) else "$")
            best = max(nearest[row].values(), default=0.0)
            common = [*evidence.shape[row], len(likely), len(view.label), len(set(filter(None, hits[row]))), best]
            for canonical in {NOTHING, *filter(None, hits[row]), *nearest[row]} & set(self._number):
                own = [float(hit == canonical) if hit else -1.0 for hit in hits[row]]
                yield row, canonical, [*own, *common, *self._of(canonical, view.kind, nearest[row].get(canonical, 0.0), before, after)]

    def _of(self, canonical: str, kind: str, cosine: float, before: str, after: str) -> list[float]:
        """Cosine, what the type says, how common the meaning is, how often it stands between such neighbours."""
        supported = TYPE_SUPPORTS.get(kind)
        agrees = 0.0 if supported is None else 1.0 if canonical in supported else -1.0
        often = self._often[canonical]
        beside = [self._follows[before, canonical] / (often + 5), self._follows[canonical, after] / (often + 5)]
        return [cosine, agrees, float(type_admits(kind, canonical)), np.log1p(often), *beside, float(self._number[canonical])]
