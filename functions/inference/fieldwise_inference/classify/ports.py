"""What the decision needs of a model version's encoder and index; `serving` has the real ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts to unit vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), each row of length 1; the same text always has the same vector, maybe a cached one."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As `encode`, without caching."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One synonym near a field's text. `score` is the cosine, rounded to a few digits."""

    canonical: str
    text: str
    score: float


class Index(Protocol):
    """The nearest synonyms by inner product."""

    def search(self, vectors: Vectors, k: int) -> list[list[Neighbour]]:
        """At most `k` neighbours of each row, nearest first."""
