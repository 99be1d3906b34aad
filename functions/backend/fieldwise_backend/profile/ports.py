"""What the profile logic needs of the outside."""

from dataclasses import dataclass
from typing import Protocol

from fieldwise_backend.profile.schema import Profile
from fieldwise_common.errors import StoreError


class ConcurrentWrite(StoreError):
    """The stored profile is no longer the one that was read."""


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile and the strong ETag of its stored form, with the quotes around it."""

    profile: Profile
    etag: str


class ProfileStore(Protocol):
    """Profiles by owner. Every write names the ETag it replaces (None: nothing is stored yet), so that none is lost."""

    def load(self, owner: str) -> StoredProfile | None:
        """What is stored, as of the last write; None when nothing is. Raises StoreError."""
        ...

    def save(self, owner: str, stored: StoredProfile, replacing: str | None) -> None:
        """Raises ConcurrentWrite when something else than `replacing` is stored, StoreError."""
        ...

    def delete(self, owner: str, replacing: str) -> None:
        """Raises ConcurrentWrite when something else than `replacing` is stored, StoreError."""
        ...
