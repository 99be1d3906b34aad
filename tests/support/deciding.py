"""A small version in memory to test decisions with: a bag-of-words encoder, a dozen synonyms, a tiny ranker."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tests.support.tiny_ranker import tiny_ranker

from fieldwise_common.wire import Decision, MlClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.thresholds import Thresholds

SYNONYMS = {
    "first name": "given-name",
    "last name": "family-name",
    "full name": "name",
    "email address": "email",
    "telephone": "tel",
    "area code": "tel-area-code",
    "expiration date": "cc-exp",
    "exp month": "cc-exp-month",
    "password": "current-password",
    "search this site": "none:search",
    "i agree to the terms": "none:consent",
    "are you authorized to work": "work-authorization",
}


class WordEncoder:
    """Embeds a text as a bag of hashed words, a unit vector of 64 dimensions: texts that share words are near each other."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, 64), np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode(texts)

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(64, 1e-3, np.float32)
        for word in text.lower().split():
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 64] += 1
        unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return unit


class FlatIndex:
    """Scores are rounded and equal ones ordered by name, as in a version's index."""

    def __init__(self) -> None:
        self._texts = list(SYNONYMS)
        self._vectors = WordEncoder().encode(self._texts)

    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[Neighbour]]:
        rows = (
            [Neighbour(SYNONYMS[text], text, round(float(score), 4)) for text, score in zip(self._texts, scores, strict=True)]
            for scores in vectors @ self._vectors.T
        )
        return [sorted(row, key=lambda one: (-one.score, one.canonical, one.text))[:k] for row in rows]


def a_version(has_ranker: bool = True, cutoff: float = 0.92, **lexicon: object) -> LoadedVersion:
    """A version like those that are shipped. `cutoff`: the setting LEX_THRESHOLD; `lexicon`: fields of `Lexicon` to override."""
    known = Lexicon.model_validate({"exact": SYNONYMS, **lexicon})
    ranker = tiny_ranker(SYNONYMS.values()) if has_ranker else None
    name = "embeddings_v20260101T000000Z-000000"
    return LoadedVersion(name, WordEncoder(), FlatIndex(), known, Thresholds(lexical=cutoff), ranker)


def decide(*fields: dict[str, object], version: LoadedVersion | None = None) -> list[Decision]:
    descriptors = [{"selector": f"#f{i}", **field} for i, field in enumerate(fields)]
    response = classify(version or a_version(), MlClassifyRequest.model_validate({"fields": descriptors}))
    assert {m.selector for m in response.matches} == {d.selector for d in response.decisions if d.decision == "accepted"}
    return list(response.decisions)
