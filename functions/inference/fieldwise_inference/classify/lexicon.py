"""The lexicon of a version: normalised texts, and the canonical id of each."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process

MIN_FUZZY_LENGTH = 5
"""Characters. Shorter texts are too similar to too many others ("city" / "cite" / "unity")."""
ROUNDING = 1e-9
"""Of lengths: a text that is exactly as similar as the cut-off must not be lost to it."""
CACHE_SIZE = 8192
"""Texts whose fuzzy match is kept."""


class Lexicon(BaseModel):
    """`lexicon.json`. Keys are texts as `text.normalise` returns them."""

    model_config = ConfigDict(frozen=True)

    exact: Mapping[str, str] = Field(default_factory=dict)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The canonical ids of all keys."""
        return frozenset(self.exact.values())

    @cached_property
    def _by_length(self) -> tuple[Sequence[str], Sequence[int]]:
        """The keys that fuzzy matches are looked for among, the shortest first, and their lengths."""
        keys = sorted((key for key in self.exact if len(key) >= MIN_FUZZY_LENGTH), key=len)
        return keys, [len(key) for key in keys]

    def lookup(self, key: str) -> str | None:
        """The canonical id of exactly this key; None if the key is unknown."""
        return self.exact.get(key)

    def nearest(self, key: str, cutoff: float) -> tuple[str, str, float] | None:
        """The most similar key: (canonical, key, similarity in 0..1); None if its similarity is below `cutoff`.

        The similarity of two texts is the normalised indel similarity: 1 - (characters to insert or delete) / (characters of
        both). Results are cached, as pages repeat their labels.
        """
        return self._search(key, cutoff)

    @cached_property
    def _search(self) -> Callable[[str, float], tuple[str, str, float] | None]:
        return lru_cache(CACHE_SIZE)(self._nearest)

    def _nearest(self, key: str, cutoff: float) -> tuple[str, str, float] | None:
        if len(key) < MIN_FUZZY_LENGTH:
            return None
        keys, lengths = self._by_length
        ratio = max(cutoff, 0.01) / (2 - cutoff)  # a text of n characters has similar ones of n * ratio to n / ratio characters
        first = bisect_left(lengths, len(key) * ratio - ROUNDING)
        last = bisect_right(lengths, len(key) / ratio + ROUNDING)
        found = process.extractOne(key, keys[first:last], scorer=fuzz.ratio, score_cutoff=100 * cutoff)
        return None if found is None else (self.exact[found[0]], found[0], found[1] / 100)
