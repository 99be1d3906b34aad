"""What the model versions hold of one user, and the mark that makes the next version drop it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
from pyarrow import parquet

from fieldwise_common.errors import StoreError
from fieldwise_common.store.layout import ERASED, JUDGED, VOTES
from fieldwise_common.store.objects import ObjectStore

USER_COLUMN = "user"
"""The user hash, in both files."""


class VersionsOfUsers:
    """The versions in a model store. Every method raises StoreError naming the object."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def holding(self, user_hash: str) -> tuple[str, ...]:
        """The versions with votes or judged forms of a user. Reads one column of two files of every version."""
        versions = (version for version, name in self._files() if user_hash in self._users(f"{version}/{name}"))
        return tuple(dict.fromkeys(versions))

    def mark_erased(self, user_hash: str) -> None:
        """From now on, the next version drops everything the user has said until now."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._objects.put(f"{ERASED}{user_hash}", now.encode())

    def _files(self) -> Iterator[tuple[str, str]]:
        """Those that exist, listed rather than tried: without s3:ListBucket, a denied read looks like a missing object."""
        for key in self._objects.keys(""):
            version, _, name = key.partition("/")
            if name in (VOTES, JUDGED):
                yield version, name

    def _users(self, key: str) -> set[str]:
        body = self._objects.get(key).body
        try:
            column = parquet.read_table(BytesIO(body), columns=[USER_COLUMN])[USER_COLUMN]
        except (pa.ArrowException, KeyError) as error:
            raise StoreError(f"{key} can't be read ({type(error).__name__}): delete that version, or restore the file") from error
        return set(column.unique().to_pylist())
