"""What the model store needs of an object store: bytes by key, with ETags for conditional reads and writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fieldwise_common.errors import StoreError


class ObjectMissing(StoreError):
    """No object has this key."""


class PreconditionMissed(StoreError):
    """A conditional write found another ETag, or an object where none was expected."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's bytes and the ETag they were stored under."""

    body: bytes
    etag: str


class ObjectStore(Protocol):
    """Keys are relative to the store's own prefix, with `/` between their parts.

    Every method raises ObjectMissing for an absent key and StoreError for what it has no better name for.
    """

    def get(self, key: str) -> StoredObject:
        """The object at `key`."""

    def get_if_changed(self, key: str, etag: str) -> StoredObject | None:
        """The object at `key`, or None while its ETag is still `etag`."""

    def put(self, key: str, body: bytes) -> str:
        """Writes, whatever was there; answers the new ETag."""

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        """Writes only while the object's ETag is `etag` (None: only while there is none). Raises PreconditionMissed."""

    def upload(self, key: str, path: Path) -> None:
        """Writes a local file, in parts where it is large."""

    def download(self, key: str, path: Path) -> None:
        """Writes the object to a local file."""

    def copy(self, source: str, target: str) -> None:
        """Copies within the store, without the bytes passing through here."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that starts with `prefix`, sorted."""

    def children(self, prefix: str) -> Iterator[str]:
        """The next path segment of each "folder" below `prefix`, each once, sorted."""
