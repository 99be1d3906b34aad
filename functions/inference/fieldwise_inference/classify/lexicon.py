"""The lexicon of a version: normalised texts, and the canonical id of each."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_inference.classify.fuzzy import FuzzyKeys

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
    def _fuzzy(self) -> FuzzyKeys:
        return FuzzyKeys(self.exact)

    def lookup(self, key: str) -> str | None:
        """The canonical id of exactly this key; None if the key is unknown."""
        return self.exact.get(key)

    def first(self, keys: Iterable[str]) -> str | None:
        """The canonical id of the first of these keys that is known; None if none is."""
        return next((canonical for key in keys if (canonical := self.exact.get(key)) is not None), None)

    def nearest(self, key: str, cutoff: float) -> tuple[str, str, float] | None:
        """The most similar key: (canonical, key, similarity in 0..1); None if its similarity is below `cutoff`.

        See `fuzzy`. Results are cached, as pages repeat their labels.
        """
        return self._search(key, cutoff)

    @cached_property
    def _search(self) -> Callable[[str, float], tuple[str, str, float] | None]:
        return lru_cache(CACHE_SIZE)(self._nearest)

    def _nearest(self, key: str, cutoff: float) -> tuple[str, str, float] | None:
        found = self._fuzzy.nearest(key, cutoff)
        return None if found is None else (self.exact[found[0]], *found)
