"""Where feedback is stored: objects of the decision log below an S3 prefix or in a folder, or one CSV."""

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
    is_single: bool = False
    """`feedback_log` names this very file, not a folder or prefix: if it is malformed, that is an error, and it is not skipped."""


def read_source(source: str) -> tuple[LogObject, ...]:
    """Every CSV at `source`, sorted by name, which for the decision log is by time; empty if nothing is there.

    In a folder or prefix, bytes that are not UTF-8 become `REPLACEMENT`, because one damaged object must not stop the others.

    Raises:
        SettingsError: `source` is neither an S3 address nor a path.
        DataError: a single CSV that is not UTF-8.
        StoreError: the bucket can't be read.
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
    return (LogObject(path.name, _text(path.name, path.read_bytes()), is_single=True),) if path.is_file() else ()


def _stored(bucket: str, key: str) -> tuple[LogObject, ...]:
    if key.endswith(".csv"):
        folder, _, name = key.rpartition("/")
        try:
            return (LogObject(name, _text(name, S3Objects(bucket, folder, s3_client()).get(name).body), is_single=True),)
        except ObjectMissing:
            return ()
    objects = S3Objects(bucket, key, s3_client())
    names = [name for name in objects.keys("") if name and not name.endswith("/")]  # the S3 console stores "folders" as empty objects
    return tuple(LogObject(name, objects.get(name).body.decode("utf-8", "replace")) for name in names)


def _text(name: str, body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not UTF-8 (byte {error.start})") from error
