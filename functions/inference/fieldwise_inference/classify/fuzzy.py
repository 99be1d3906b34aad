"""Finds the key most similar to a text: nearly all keys are ruled out by the characters that they have, the rest are compared.

The similarity of two texts is the normalised indel similarity: 1 - (characters to insert or delete) / (characters of both).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

MIN_LENGTH = 5
"""Characters. Shorter texts are too similar to too many others ("city" / "cite" / "unity")."""
ROUNDING = 1e-9
"""Of lengths and differences: a text that is exactly as similar as the cut-off must not be lost to it."""
GROUPS = 32
"""Characters with the same code point modulo this are one group."""


class FuzzyKeys:
    """Keys to search, the shortest first."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Keys shorter than `MIN_LENGTH` are left out."""
        self._keys = sorted((key for key in keys if len(key) >= MIN_LENGTH), key=len)
        self._lengths = [len(key) for key in self._keys]
        self._marks = _marks(self._keys)

    def nearest(self, text: str, cutoff: float) -> tuple[str, float] | None:
        """The most similar key and its similarity (0..1), of equally similar ones the first; None if that is below `cutoff`."""
        size = len(text)
        if size < MIN_LENGTH:
            return None
        ratio = max(cutoff, 0.01) / (2 - cutoff)  # a text of n characters has similar ones of n * ratio to n / ratio characters
        first = bisect_left(self._lengths, size * ratio - ROUNDING)
        last = bisect_right(self._lengths, size / ratio + ROUNDING)
        differing = np.bitwise_count(self._marks[first:last] ^ _marks([text])[0])
        most = (size / ratio + size) * (1 - cutoff) + ROUNDING  # what the longest of them may differ in
        keys = [self._keys[position] for position in (np.flatnonzero(differing <= most) + first).tolist()]
        found = process.extractOne(text, keys, scorer=fuzz.ratio, score_cutoff=100 * cutoff)
        return None if found is None else (found[0], found[1] / 100)


def _marks(texts: Sequence[str]) -> NDArray[np.uint64]:
    """uint64 (texts,), two bits for each group of characters: whether a text has one of the group, and whether it has two.

    Each bit in which two texts differ takes a character to insert or delete: two texts are no nearer than the number of these bits.
    """
    points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    counts = np.bincount(rows * GROUPS + points % GROUPS, minlength=len(texts) * GROUPS).reshape(-1, GROUPS)
    return np.packbits(np.concatenate([counts > 0, counts > 1], axis=1), axis=1).view(np.uint64).ravel()
