"""The interfaces that adapters implement."""

from dataclasses import dataclass
from typing import Protocol

from fieldwise_backend.profile.schema import Profile
from fieldwise_common.errors import StoreError


class ConcurrentWrite(StoreError):
    """What is stored has changed since it was read."""


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile and the strong ETag of its stored form, including the quotes."""

    profile: Profile
    etag: str


class ProfileStore(Protocol):
    """Profiles by owner. Every write names the ETag it replaces (None: nothing is stored yet), so that no update is lost."""

    def load(self, owner: str) -> StoredProfile | None:
        """The stored profile, as of the last write; None when there is none. Raises StoreError."""
        ...

    def save(self, owner: str, stored: StoredProfile, replacing: str | None) -> None:
        """Raises ConcurrentWrite when the stored ETag is not `replacing`, StoreError."""
        ...

    def delete(self, owner: str, replacing: str) -> None:
        """Raises ConcurrentWrite when the stored ETag is not `replacing`, StoreError."""
        ...
