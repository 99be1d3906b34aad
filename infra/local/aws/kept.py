"""What outlives the embedded AWS: objects, items and secrets, written through to files and put back at start.

A file is written before the answer to the request that changed it goes out. Bucket and table names are the same at every
start, so that what is kept is found again. Only an object's latest bytes are kept: not its older versions or metadata.
"""

import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.s3.models import FakeKey, s3_backends

from local.aws.permissions import PARTITION
from local.aws.sessions import Connection
from local.places import Places, write_atomically
from local.refusal import Refusal
from local.template.names import ACCOUNT


class KeptSecrets:
    """Secrets by logical id, in one file that its owner alone may read."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._path = places.data / "secrets.json"

    def read(self) -> Mapping[str, str]:
        """What was kept; nothing at the first start. Raises Refusal when it can't be read."""
        if not self._path.exists():
            return {}
        kept = _read_json(self._places, self._path)
        if not isinstance(kept, dict):
            raise self._places.damaged(self._path, "not what was written")
        return kept

    def write(self, values: Mapping[str, str]) -> None:
        """Keeps the values."""
        write_atomically(self._path, json.dumps(dict(values), indent=2).encode(), mode=0o600)


class KeptObjects:
    """The objects of the buckets, as files of the same names."""

    def __init__(self, places: Places, buckets: Iterable[str]) -> None:
        self._places = places
        self._folders = {bucket: places.data / "s3" / bucket for bucket in buckets}
        self._etags: dict[str, dict[str, str]] = {bucket: {} for bucket in self._folders}
        self._lock = threading.Lock()

    def restore(self) -> int:
        """Puts every kept object back; answers how many. Leftovers of an interrupted write are removed."""
        backend = s3_backends[ACCOUNT][PARTITION]
        for bucket, folder in self._folders.items():
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                if path.name.startswith(".") and path.name.endswith(".partial"):
                    path.unlink()
                    continue
                key = path.relative_to(folder).as_posix()
                self._etags[bucket][key] = str(backend.put_object(bucket, key, _bytes_of(self._places, path)).etag)
        return sum(map(len, self._etags.values()))

    def save(self) -> None:
        """Writes what has changed since, and removes what is gone."""
        with self._lock:
            for bucket, folder in self._folders.items():
                self._save_bucket(bucket, folder, self._etags[bucket])

    def _save_bucket(self, bucket: str, folder: Path, etags: dict[str, str]) -> None:
        present = {key: found for key, found in s3_backends[ACCOUNT][PARTITION].buckets[bucket].keys.items() if isinstance(found, FakeKey)}
        for key, found in present.items():
            if etags.get(key) != found.etag:
                write_atomically(_file_of(folder, key), found.value)
                etags[key] = found.etag
        for key in etags.keys() - present.keys():
            _file_of(folder, key).unlink(missing_ok=True)
            del etags[key]


def _file_of(folder: Path, key: str) -> Path:
    path = (folder / key).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Refusal(f"the object {key} can't be kept: its name leads out of {folder}")
    return path


class KeptItems:
    """The items of the tables, one file a table."""

    def __init__(self, places: Places, tables: Iterable[str], connection: Connection) -> None:
        self._places = places
        self._tables = tuple(tables)
        self._client = connection.client("dynamodb")
        self._lock = threading.Lock()

    def restore(self) -> int:
        """Puts every kept item back; answers how many. Raises Refusal when a file can't be read."""
        count = 0
        for table in self._tables:
            path = self._file_of(table)
            items = _read_json(self._places, path) if path.exists() else []
            try:
                for item in items:
                    self._client.put_item(TableName=table, Item=item)
            except (ClientError, BotoCoreError, TypeError) as error:
                raise self._places.damaged(path, "it holds no items of the table") from error
            count += len(items)
        return count

    def save(self) -> None:
        """Writes the tables as they are now."""
        with self._lock:
            for table in self._tables:
                pages = self._client.get_paginator("scan").paginate(TableName=table)
                items = [item for page in pages for item in page["Items"]]
                write_atomically(self._file_of(table), json.dumps(items, indent=1).encode(), mode=0o600)

    def _file_of(self, table: str) -> Path:
        return self._places.data / "dynamodb" / f"{table}.json"


def _bytes_of(places: Places, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise places.damaged(path, "it can't be read") from error


def _read_json(places: Places, path: Path) -> Any:
    try:
        return json.loads(_bytes_of(places, path))
    except ValueError as error:
        raise places.damaged(path, "it is not JSON") from error


class Keeper:
    """Told of every request that may have changed something, keeps what has."""

    def __init__(self, objects: KeptObjects, items: KeptItems) -> None:
        self._objects = objects
        self._items = items

    def __call__(self, service: str) -> None:
        """Keeps what a request to `service` may have changed; a stream's records land in a bucket."""
        if service in {"s3", "firehose"}:
            self._objects.save()
        elif service == "dynamodb":
            self._items.save()
