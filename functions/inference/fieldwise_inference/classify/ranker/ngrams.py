"""Turns the texts of a form into bags of hashed character n-grams and words, all texts at once.

Feature hashing (Weinberger et al., 2009, "Feature Hashing for Large Scale Multitask Learning"): an n-gram is numbered by its
bucket in a table of fixed size, so a version needs no vocabulary and every script is treated the same. All arithmetic is on
unsigned 32-bit integers with wrap-around, so that every processor computes the same buckets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 16
MAX_NGRAM = 5
"""Characters of the longest n-gram; the marks at the start and end of a text count, so a short text is an n-gram as a whole."""
MAX_CHARACTERS = 96
"""Characters of a text that are read: what follows in a long label is help, not its name."""

_MULTIPLIER = np.uint32(0x01000193)
_KNUTH = np.uint32(2654435769)  # Knuth's multiplicative hashing: 2**32 / golden ratio
_START, _END, _SPACE = 2, 3, 32
_SHIFT = np.uint32(16)

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bags:
    """The buckets of several texts, concatenated: text `i` has `counts[i]` of them."""

    buckets: Integers
    counts: Integers

    def take(self, texts: Integers) -> "Bags":
        """The bags of the texts with these numbers, in their order; a text may be taken several times."""
        counts = self.counts[texts]
        starts = (np.cumsum(self.counts) - self.counts)[texts]
        offsets = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        return Bags(self.buckets[np.repeat(starts, counts) + offsets], counts)


def _buckets(hashes: NDArray[np.uint32], salt: int) -> Integers:
    mixed = (hashes ^ np.uint32(salt)) * _KNUTH
    return (mixed >> _SHIFT).astype(np.int64)


def _characters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Integers]:
    """The code points of all texts, with a mark at the start and end of each, and the index of the text each belongs to."""
    framed = [f"{chr(_START)}{text[:MAX_CHARACTERS]}{chr(_END)}" for text in texts]
    points = np.frombuffer("".join(framed).encode("utf-32-le"), dtype=np.uint32)
    return points, np.repeat(np.arange(len(framed)), [len(t) for t in framed])


def _words(points: NDArray[np.uint32], owner: Integers) -> tuple[Integers, Integers]:
    """The bucket of each word, and the index of its text. A word's hash is the sum of its mixed code points, weighted by position."""
    is_edge = (points == _SPACE) | (points == _START) | (points == _END)
    word = np.cumsum(is_edge)
    inside = ~is_edge
    if not inside.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    first = np.flatnonzero(np.diff(word[inside], prepend=-1))
    offset = np.arange(int(inside.sum())) - np.repeat(first, np.diff(np.append(first, int(inside.sum()))))
    weighted = (points[inside] * _KNUTH) * (offset.astype(np.uint32) * _MULTIPLIER + np.uint32(1))
    hashes = np.add.reduceat(weighted, first, dtype=np.uint32)
    return _buckets(hashes, MAX_NGRAM + 1), owner[inside][first]


def bags(texts: Sequence[str]) -> Bags:
    """The n-grams (of 1 to `MAX_NGRAM` characters) and words of each text; an empty text has none."""
    points, owner = _characters(texts)
    found, owners = [], []
    rolling = np.zeros_like(points)
    for n in range(1, MAX_NGRAM + 1):
        rolling = rolling[: len(points) - n + 1] * _MULTIPLIER + points[n - 1 :]
        same_text = owner[: len(rolling)] == owner[n - 1 :]
        found.append(_buckets(rolling[same_text], n))
        owners.append(owner[: len(rolling)][same_text])
    word_buckets, word_owners = _words(points, owner)
    buckets = np.concatenate([*found, word_buckets])
    of_text = np.concatenate([*owners, word_owners])
    filled = np.array([bool(text) for text in texts])[of_text] if len(texts) else np.empty(0, bool)
    order = np.argsort(of_text[filled], kind="stable")
    return Bags(buckets[filled][order], np.bincount(of_text[filled], minlength=len(texts)))
