"""The interfaces of a version's encoder and index; `serving` implements them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Embeds texts as unit vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), rows of length 1, or 0 for texts that the encoder can't read; the same text always has the same vector.

        Vectors may come from a cache.
        """

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As `encode`, without the cache."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A synonym near a field's text. `score` is the cosine similarity, rounded to a few digits."""

    canonical: str
    text: str
    score: float


class Index(Protocol):
    """Finds the nearest synonyms by inner product."""

    def search(self, vectors: Vectors, k: int) -> list[list[Neighbour]]:
        """Of the `k` synonyms nearest to each row, the nearest of each canonical id, nearest first."""
