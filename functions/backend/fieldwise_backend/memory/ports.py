"""The interface that the adapter implements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SiteItem:
    """What is stored of one user and one site."""

    origin: str = ""
    """In the clear, because users read their own list."""
    memory: str | None = None
    """The remembered fields as JSON (`entries`); None if there are none."""
    revision: int = 0
    """Of `memory`: 0 without one, then raised by every change."""
    recent: str = ""
    """The forms classified last (`recents`)."""


class MemoryStore(Protocol):
    """Items by owner and site, and one directory per owner: the sites with a memory, and when each was changed (epoch milliseconds).

    Every method raises StoreError; those that change an item conditionally, ConcurrentWrite if it is no longer `seen`.
    """

    def load(self, owner: str, site: str) -> SiteItem:
        """The item, as of the last write; an empty one when none is stored."""
        ...

    def save_memory(self, owner: str, site: str, seen: SiteItem, memory: str) -> None:
        """Stores `memory` and `seen.origin`, and nothing else; such an item does not expire."""
        ...

    def drop_memory(self, owner: str, site: str, seen: SiteItem, expires: int) -> None:
        """Removes the memory; what remains expires then (epoch seconds)."""
        ...

    def save_recent(self, owner: str, site: str, seen: SiteItem, recent: str, expires: int) -> None:
        """Stores `recent` and `seen.origin`, and nothing else; an item without a memory expires then (epoch seconds)."""
        ...

    def delete(self, owner: str, site: str) -> None:
        """Deletes the item; it is not an error when there is none."""
        ...

    def sites(self, owner: str) -> Mapping[str, int]:
        """The directory; empty when none is stored."""
        ...

    def list_site(self, owner: str, site: str, at: int) -> Mapping[str, int]:
        """Enters a site, or its later change, into the directory; returns the directory as it is then."""
        ...

    def unlist_site(self, owner: str, site: str, at: int) -> None:
        """Removes a site from the directory. Raises ConcurrentWrite if it is not there, or was changed at another time."""
        ...
