"""Objects, items and secrets on disk: written through on every change, and put back at the next start.

A file is written before the request that changed it is answered. Bucket and table names are the same at every start, so the
files are found again. Only an object's latest content is saved, not its older versions or its metadata.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.aws.event_log import EventLog
from local.aws.moto_internals import objects_of, put_object
from local.aws.sessions import Connection
from local.refusal import Refusal
from local.state_folder import StateFolder, write_atomically


class PersistedSecrets:
    """Secrets by logical id, in one file that only its owner can read."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._path = state.data / "secrets.json"

    def read(self) -> Mapping[str, str]:
        """The saved secrets; empty at the first start. Raises Refusal when the file is damaged."""
        if not self._path.exists():
            return {}
        saved = _read_json(self._state, self._path)
        if not isinstance(saved, dict):
            raise self._state.damaged(self._path, "it is not a JSON object")
        return saved

    def write(self, values: Mapping[str, str]) -> None:
        """Saves the secrets."""
        write_atomically(self._path, json.dumps(dict(values), indent=2).encode(), mode=0o600)


class PersistedObjects:
    """The objects of the buckets, each in a file named by its key."""

    def __init__(self, state: StateFolder, buckets: Iterable[str]) -> None:
        self._state = state
        self._folders = {bucket: state.data / "s3" / bucket for bucket in buckets}
        self._saved_etags: dict[str, dict[str, str]] = {bucket: {} for bucket in self._folders}
        self._lock = threading.Lock()

    def restore(self) -> None:
        """Puts every saved object back. Removes what an interrupted write left behind."""
        for bucket, folder in self._folders.items():
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                if path.name.startswith(".") and path.name.endswith(".partial"):
                    path.unlink()
                    continue
                key = path.relative_to(folder).as_posix()
                self._saved_etags[bucket][key] = put_object(bucket, key, _bytes_of(self._state, path))

    def save(self) -> None:
        """Writes the objects that have changed, and removes those that were deleted."""
        with self._lock:
            for bucket, folder in self._folders.items():
                self._save_bucket(bucket, folder, self._saved_etags[bucket])

    def _save_bucket(self, bucket: str, folder: Path, saved: dict[str, str]) -> None:
        current = objects_of(bucket)
        for key, found in current.items():
            if saved.get(key) != found.etag:
                write_atomically(_file_of(folder, key), found.value)
                saved[key] = found.etag
        for key in saved.keys() - current.keys():
            _file_of(folder, key).unlink(missing_ok=True)
            del saved[key]


def _file_of(folder: Path, key: str) -> Path:
    path = (folder / key).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Refusal(f"the object {key} can't be saved: its name leads out of {folder}")
    return path


class PersistedItems:
    """The items of the tables, each in a file named by a hash of its key. `tables`: the template's properties of each, by name.

    moto deletes no expired item. As on AWS, where that may take days, nothing relies on it; here it happens at the next start.
    """

    def __init__(self, state: StateFolder, tables: Mapping[str, Mapping[str, Any]], connection: Connection) -> None:
        self._state = state
        self._keys = {name: [part["AttributeName"] for part in table["KeySchema"]] for name, table in tables.items()}
        self._lifetimes = {name: table.get("TimeToLiveSpecification", {}).get("AttributeName", "") for name, table in tables.items()}
        self._client = connection.client("dynamodb")
        self._lock = threading.Lock()

    def restore(self) -> None:
        """Puts every saved item back, except those that have expired. Raises Refusal when a file is damaged."""
        for table, lifetime in self._lifetimes.items():
            self._split_file_of_earlier_releases(table)
            for path in sorted(self._folder_of(table).glob("*.json")):
                item = _read_json(self._state, path)
                try:
                    if _is_expired(item, lifetime):
                        path.unlink()
                    else:
                        self._client.put_item(TableName=table, Item=item)
                except (ClientError, BotoCoreError, TypeError, AttributeError, ValueError) as error:
                    raise self._state.damaged(path, "its content is not an item of the table") from error

    def save(self, request: Mapping[str, Any]) -> None:
        """Writes the item that a PutItem, UpdateItem or DeleteItem request is about as it is now, or removes its file.

        Other requests, which change a table or several items, are none of Fieldwise's, and save nothing.
        """
        table, named = request.get("TableName", ""), request.get("Key") or request.get("Item") or {}
        if table not in self._keys or not named.keys() >= set(self._keys[table]):
            return
        key = {name: named[name] for name in self._keys[table]}
        with self._lock, suppress(ClientError):  # a key that can't be read was refused when it was written
            self._write(table, key, self._client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item"))

    def _write(self, table: str, key: Mapping[str, Any], item: Mapping[str, Any] | None) -> None:
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        path = self._folder_of(table) / f"{digest[:32]}.json"
        if item is None:
            path.unlink(missing_ok=True)
        else:
            write_atomically(path, json.dumps(item, indent=1).encode(), mode=0o600)

    def _folder_of(self, table: str) -> Path:
        return self._state.data / "dynamodb" / table

    def _split_file_of_earlier_releases(self, table: str) -> None:
        """Earlier releases wrote all items of a table into one file."""
        path = self._state.data / "dynamodb" / f"{table}.json"
        if path.exists():
            items = _read_json(self._state, path)
            try:
                for item in items:
                    self._write(table, {name: item[name] for name in self._keys[table]}, item)
            except (TypeError, KeyError) as error:
                raise self._state.damaged(path, "its content is not items of the table") from error
            path.unlink()


def _is_expired(item: Mapping[str, Any], lifetime: str) -> bool:
    expires = item.get(lifetime, {}).get("N")
    return expires is not None and int(expires) < time.time()


def _bytes_of(state: StateFolder, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise state.damaged(path, "it can't be read") from error


def _read_json(state: StateFolder, path: Path) -> Any:
    try:
        return json.loads(_bytes_of(state, path))
    except ValueError as error:
        raise state.damaged(path, "it is not JSON") from error


class WriteThrough:
    """Saves what a request may have changed. Called after every writing request, with its service and its body."""

    def __init__(self, objects: PersistedObjects, items: PersistedItems, events: EventLog) -> None:
        self._objects = objects
        self._items = items
        self._events = events

    def __call__(self, service: str, body: bytes) -> None:
        """Saves the objects, the item, or the events. A delivery stream's records end up in a bucket."""
        if service in {"s3", "firehose"}:
            self._objects.save()
        elif service == "dynamodb":
            self._items.save(json.loads(body))
        elif service == "events":
            self._events.save()
