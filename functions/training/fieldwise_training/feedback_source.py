"""Where feedback is kept: log objects below an S3 prefix or in a folder, or one CSV."""

from dataclasses import dataclass
from pathlib import Path

from fieldwise_common.errors import DataError, SettingsError
from fieldwise_common.store.objects import ObjectMissing
from fieldwise_common.store.s3 import S3Objects, s3_client

REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class LogObject:
    """The text of one CSV, by name."""

    name: str
    text: str
    is_alone: bool = False
    """It was named by itself: then it is to be what it should be, rather than one damaged object among many."""


def read_source(source: str) -> tuple[LogObject, ...]:
    """Every CSV at `source`, in the order of their names, which is that of time; none where nothing is there.

    A CSV named by itself must be UTF-8; among many objects a damaged one must not stop the others, so what is not UTF-8
    in it becomes `REPLACEMENT`. Raises SettingsError for an address that is no source, DataError, StoreError.
    """
    if not source:
        return ()
    scheme, separator, rest = source.partition("://")
    if not separator:
        return _local(Path(source))
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise SettingsError(f"FEEDBACK_LOG: {source} is neither s3://bucket/prefix/, a folder, nor a CSV")
    return _stored(bucket, key)


def _local(path: Path) -> tuple[LogObject, ...]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
        return tuple(LogObject(file.name, file.read_text("utf-8", "replace")) for file in files)
    return (LogObject(path.name, _text(path.name, path.read_bytes()), is_alone=True),) if path.is_file() else ()


def _stored(bucket: str, key: str) -> tuple[LogObject, ...]:
    if key.endswith(".csv"):
        folder, _, name = key.rpartition("/")
        try:
            return (LogObject(name, _text(name, S3Objects(bucket, folder, s3_client()).get(name).body), is_alone=True),)
        except ObjectMissing:
            return ()
    objects = S3Objects(bucket, key, s3_client())
    names = [name for name in objects.keys("") if name and not name.endswith("/")]  # a console's "folders" are empty objects
    return tuple(LogObject(name, objects.get(name).body.decode("utf-8", "replace")) for name in names)


def _text(name: str, body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not UTF-8 (byte {error.start})") from error
