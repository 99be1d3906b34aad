"""The lexicon of a version: normalised texts that mean one canonical id for sure, and what feedback said they don't mean."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process

MIN_FUZZY_LENGTH = 5
"""Shorter texts are too near to too many others ("city" / "cite" / "unity")."""


class Lexicon(BaseModel):
    """`lexicon.json`. Keys are as `text.normalise` makes them."""

    model_config = ConfigDict(frozen=True)

    exact: Mapping[str, str] = Field(default_factory=dict)
    confirmed: Mapping[str, str] = Field(default_factory=dict)
    """Those of `exact` that people's feedback has confirmed: their word is final."""
    rejected: Mapping[str, frozenset[str]] = Field(default_factory=dict)

    @cached_property
    def _keys_by_length(self) -> Mapping[int, Sequence[str]]:
        keys: dict[int, list[str]] = {}
        for key in self.exact:
            keys.setdefault(len(key), []).append(key)
        return keys

    def lookup(self, key: str) -> str | None:
        """The canonical id of exactly this key, unless feedback took it away."""
        found = self.exact.get(key)
        return None if found is None or self.rejects(key, found) else found

    def nearest(self, key: str, cutoff: float) -> tuple[str, str, float] | None:
        """The nearest key by edit distance: (canonical, key, similarity in 0..1), or None below `cutoff` (above 0).

        The similarity of two texts is 1 - (letters to insert or delete) / (letters of both).
        """
        if len(key) < MIN_FUZZY_LENGTH:
            return None
        shortest, longest = math.ceil(len(key) * cutoff / (2 - cutoff)), math.floor(len(key) * (2 - cutoff) / cutoff)
        lengths = range(max(shortest, MIN_FUZZY_LENGTH), longest + 1)
        keys = [near for length in lengths for near in self._keys_by_length.get(length, ())]
        found = process.extractOne(key, keys, scorer=fuzz.ratio, score_cutoff=100 * cutoff)
        if found is None or self.rejects(key, self.exact[found[0]]):
            return None
        return self.exact[found[0]], found[0], found[1] / 100

    def rejects(self, key: str, canonical: str) -> bool:
        """Whether feedback said that a field of this text is not `canonical`."""
        return canonical in self.rejected.get(key, ())
