"""A linear model: logistic regression, one class against the rest, by stochastic gradient descent.

On hashed n-grams of each view, lexicon hits per view, the nearest meanings, type, and the lexicon hits of the fields before and after.
"""

from collections.abc import Sequence

import numpy as np
from benchmarks.rankers.forms import Shown
from scipy import sparse
from sklearn.linear_model import SGDClassifier

from fieldwise_inference.classify.ranker.evidence import LEXICAL_VIEWS, TYPES, VIEWS, Evidence, Floats
from fieldwise_inference.classify.ranker.ngrams import BUCKETS
from fieldwise_training.ranker.examples import Vocabulary

PASSES = 6
WEAKEST = 0.01
"""Weights below this are nothing when the model is stored."""


class Linear:
    """See the module."""

    varies = False

    def __init__(self) -> None:
        self._model = SGDClassifier(loss="log_loss", alpha=2e-6, max_iter=PASSES, tol=None, average=True, random_state=0)

    def learn(self, taught: Sequence[Shown], words: Vocabulary) -> None:
        """Fits; a class that no field has stays at zero."""
        self._classes = len(words.classes)
        self._ids = len(words.ids) + 1
        self._model.fit(sparse.vstack([self._features(form.evidence) for form in taught]), np.concatenate([form.truth for form in taught]))

    def probabilities(self, form: Shown) -> Floats:
        """float32 (n, classes)."""
        shares = np.zeros((len(form.fields), self._classes), np.float32)
        shares[:, self._model.classes_] = self._model.predict_proba(self._features(form.evidence))
        return shares

    @property
    def size(self) -> int:
        """Two bytes for each weight that matters, four for its place."""
        return int((np.abs(self._model.coef_) > WEAKEST).sum()) * 6

    def _features(self, evidence: Evidence) -> sparse.csr_matrix:
        n = len(evidence)
        blocks = [_grams(evidence, view) for view in range(len(VIEWS))]
        hits = [_one_hot(evidence.lexical[:, view], self._ids) for view in range(len(LEXICAL_VIEWS))]
        any_hit = evidence.lexical.max(axis=1)
        around = [_one_hot(_shifted(any_hit, by), self._ids) for by in (-2, -1, 1, 2)]
        near = [_one_hot(evidence.near[:, k], self._ids, 2 * evidence.nearness[:, k]) for k in range(evidence.near.shape[1])]
        shape = [_one_hot(evidence.shape[:, column], size) for column, size in enumerate((len(TYPES), 22, 16, 16, 16))]
        return sparse.hstack([*blocks, *hits, *near, *around, *shape, sparse.csr_matrix(np.ones((n, 1), np.float32))], format="csr")


def _grams(evidence: Evidence, view: int) -> sparse.csr_matrix:
    bags = evidence.bags[view]
    weights = np.repeat(1 / np.sqrt(np.maximum(bags.counts, 1)), bags.counts).astype(np.float32)
    pointers = np.concatenate([[0], np.cumsum(bags.counts)])
    return sparse.csr_matrix((weights, bags.buckets, pointers), shape=(len(bags.counts), BUCKETS))


def _one_hot(numbers: np.ndarray[tuple[int, ...], np.dtype[np.int64]], size: int, weights: Floats | None = None) -> sparse.csr_matrix:
    shown = np.flatnonzero(numbers)
    values = np.ones(len(shown), np.float32) if weights is None else weights[shown]
    return sparse.csr_matrix((values, (shown, numbers[shown])), shape=(len(numbers), size))


def _shifted(numbers: np.ndarray[tuple[int, ...], np.dtype[np.int64]], by: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """What the field `by` places on has; 0 where the form has ended."""
    out = np.zeros_like(numbers)
    if by < 0:
        out[-by:] = numbers[:by]
    else:
        out[:-by] = numbers[by:]
    return out
