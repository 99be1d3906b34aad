"""The interface of an object store: bytes by key, with ETags for conditional reads and writes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fieldwise_common.errors import StoreError
from fieldwise_common.store.manifest import FileEntry


class ObjectMissing(StoreError):
    """There is no object with this key."""


class PreconditionMissed(StoreError):
    """A conditional write failed: the object's ETag differs from the expected one, or an object exists where none was expected."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's bytes and their ETag."""

    body: bytes
    etag: str


class ObjectStore(Protocol):
    """Keys are relative to the store's prefix, with `/` between their parts.

    Every method raises ObjectMissing when the key does not exist, and StoreError for any other failure.
    """

    def get(self, key: str) -> StoredObject:
        """The object at `key`."""

    def get_if_changed(self, key: str, etag: str) -> StoredObject | None:
        """The object at `key`, or None if its ETag is still `etag`."""

    def put(self, key: str, body: bytes) -> str:
        """Writes unconditionally; returns the new ETag."""

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        """Writes if the object's ETag is `etag` (None: if the object does not exist). Raises PreconditionMissed otherwise."""

    def upload(self, key: str, path: Path) -> None:
        """Writes a local file, in parts if it is large."""

    def download(self, key: str, path: Path) -> FileEntry:
        """Writes the object to a local file; returns its size and hash, which are computed from the bytes as they pass.

        Raises OSError if the file can't be written.
        """

    def copy(self, source: str, target: str) -> None:
        """Copies within the store, without downloading."""

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes objects; one that does not exist is no error."""

    def size(self, prefix: str) -> int:
        """The bytes of all objects whose key starts with `prefix`."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that starts with `prefix`, sorted."""

    def children(self, prefix: str) -> Iterator[str]:
        """The names of the "folders" directly below `prefix`, sorted."""
