"""The lexicon of a version: normalised texts, the canonical id of each, and the ids that users' feedback has rejected for it."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process

MIN_FUZZY_LENGTH = 5
"""Characters. Shorter texts are too similar to too many others ("city" / "cite" / "unity")."""


class Lexicon(BaseModel):
    """`lexicon.json`. Keys are texts as `text.normalise` returns them."""

    model_config = ConfigDict(frozen=True)

    exact: Mapping[str, str] = Field(default_factory=dict)
    confirmed: Mapping[str, str] = Field(default_factory=dict)
    """The entries of `exact` that users' feedback has confirmed: they override the ranker."""
    rejected: Mapping[str, frozenset[str]] = Field(default_factory=dict)
    """By key, the canonical ids that users' feedback has rejected."""

    @cached_property
    def _keys_by_length(self) -> Mapping[int, Sequence[str]]:
        keys: dict[int, list[str]] = {}
        for key in self.exact:
            keys.setdefault(len(key), []).append(key)
        return keys

    def lookup(self, key: str) -> str | None:
        """The canonical id of exactly this key; None if the key is unknown or feedback has rejected that id."""
        found = self.exact.get(key)
        return None if found is None or self.rejects(key, found) else found

    def nearest(self, key: str, cutoff: float) -> tuple[str, str, float] | None:
        """The most similar key: (canonical, key, similarity in 0..1); None if its similarity is below `cutoff` (which is above 0).

        The similarity of two texts is the normalised indel similarity: 1 - (characters to insert or delete) / (characters of
        both).
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
        """Whether feedback has rejected `canonical` for this text."""
        return canonical in self.rejected.get(key, ())
