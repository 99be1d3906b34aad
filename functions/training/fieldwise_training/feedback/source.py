"""Where feedback is stored: objects of the decision log below an S3 prefix or in a folder, or one CSV. Only what is new is read."""

import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from fieldwise_common.aws import CALL_ERRORS, code_of, store_error
from fieldwise_common.errors import DataError, SettingsError, StoreError
from fieldwise_common.store.s3 import MISSING

WINDOW = timedelta(hours=24)
"""How long before its feedback a decision may have been made, and how late an object may appear below its hour."""
THREADS = 16
AHEAD = 32
"""Objects that are fetched ahead: 5 MB each, as Firehose writes them."""
MAX_OBJECT_BYTES = 128 * 1024 * 1024
"""Of one object in a bucket, as it is read into memory."""
ATTEMPTS = 6
"""At one request, by botocore: S3 answers 500, 503 or SlowDown while a prefix is busy. With its pauses about half a minute."""
READ_TIMEOUT = 20
"""Seconds."""
BODY_ATTEMPTS = 3
"""At a response that ends early, which botocore does not repeat."""
HOUR = "%Y/%m/%d/%H/"
_IN_HOUR = re.compile(r"\d{4}/\d{2}/\d{2}/\d{2}/")
_PART_OF_LOG = re.compile(r"(?<![^/])\d{4}/(\d{2}/){0,3}$")


@dataclass(frozen=True, slots=True)
class Mark:
    """The high-water mark of a log. `hour`: the last hour folder that was read, as `2026/11/29/20/`; "" if nothing was read yet."""

    log: str = ""
    hour: str = ""

    def start(self, log: str) -> str:
        """The hour folder to begin with: `WINDOW` before the mark; "" for another log, which is read from its beginning."""
        if not self.hour or self.log != log:
            return ""
        return f"{datetime.strptime(self.hour, HOUR) - WINDOW:{HOUR}}"

    def moved(self, log: str, names: Iterable[str]) -> "Mark":
        """The mark after reading objects of `log`; the same if none of them is in the folder of an hour that there is."""
        hours = {found[0] for found in map(_IN_HOUR.match, names) if found is not None}
        last = max(filter(_is_hour, hours), default="")
        return Mark(log, last) if last else self


def mark_at(source: str, at: datetime) -> Mark:
    """The mark with which `find_log` reads a log from the hour of `at` on."""
    scheme, separator, rest = source.partition("://")
    if not separator:
        return Mark(_log_of(f"{Path(source).resolve().as_posix()}/"), f"{at.astimezone(UTC) + WINDOW:{HOUR}}")
    return Mark(f"{scheme}://{_log_of(rest.rstrip('/') + '/')}", f"{at.astimezone(UTC) + WINDOW:{HOUR}}")


def _log_of(prefix: str) -> str:
    """The whole log that a prefix is a part of."""
    return _PART_OF_LOG.sub("", prefix)


UNREAD = Mark()
"""Nothing was read yet."""


@dataclass(frozen=True, slots=True)
class Log:
    """The new objects of a log. `fetch` returns an object's bytes as a stream, or None if it is gone."""

    names: Sequence[str]
    fetch: Callable[[str], io.BufferedIOBase | None]
    mark: Mark
    is_single: bool = False
    """`feedback_log` names this very file, not a folder or prefix: if it is malformed, that is an error, and it is not skipped."""

    def read(self) -> Iterator[tuple[str, io.BufferedIOBase | None]]:
        """Every object by name, in order; the next ones are fetched meanwhile. Raises StoreError for one that can't be read."""
        names = iter(self.names)
        pending: deque[tuple[str, Future[io.BufferedIOBase | None]]] = deque()
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                pending.extend((name, pool.submit(self.fetch, name)) for name in islice(names, AHEAD))
                while pending:
                    name, future = pending.popleft()
                    found = future.result()
                    pending.extend((following, pool.submit(self.fetch, following)) for following in islice(names, 1))
                    yield name, found
            finally:
                for _, future in pending:
                    future.cancel()


def find_log(source: str, since: Mark) -> Log:
    """The objects at `source`, sorted by name, which for the decision log is by time; none if nothing is there.

    In a log with hour folders (`YYYY/MM/DD/HH/`), only those from `WINDOW` before the mark on. `source` may also be a part of a log
    (`…/decisions/2026/11/`), for a log that is too large for one run.

    Raises:
        SettingsError: `source` is neither an S3 address nor a path.
        StoreError: the bucket can't be listed.
    """
    scheme, separator, rest = source.partition("://")
    if not separator:
        return _local(Path(source), since) if source else Log((), _open, since)
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise SettingsError(f"FEEDBACK_LOG: {source} is neither s3://bucket/prefix/, a folder, nor a CSV")
    client = boto3.client(
        "s3",
        config=Config(
            connect_timeout=5,
            read_timeout=READ_TIMEOUT,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=THREADS,
        ),
    )
    if key.endswith(".csv"):
        return Log((key,), partial(_get, client, bucket), since, is_single=True)
    return _stored(client, bucket, f"{key.rstrip('/')}/" if key.strip("/") else "", since)


def _is_hour(folder: str) -> bool:
    """Whether it can be a mark: an hour that there is, with a `WINDOW` before it."""
    try:
        datetime.strptime(folder, HOUR) - WINDOW
    except (ValueError, OverflowError):
        return False
    return True


def _open(name: str) -> io.BufferedIOBase | None:
    try:
        return Path(name).open("rb")
    except FileNotFoundError:
        return None


def _local(path: Path, since: Mark) -> Log:
    if not path.is_dir():
        return Log((str(path),) if path.is_file() else (), _open, since, is_single=True)
    root = Path(_log_of(f"{path.resolve().as_posix()}/"))
    log = f"{root.as_posix()}/"
    start = since.start(log)
    files = (file.relative_to(root).as_posix() for file in path.resolve().rglob("*") if file.is_file() and not file.name.startswith("."))
    names = sorted(name for name in files if name >= start or not _IN_HOUR.match(name))
    return Log(names, lambda name: _open(f"{log}{name}"), since.moved(log, names))


def _stored(client: Any, bucket: str, prefix: str, since: Mark) -> Log:
    root = _log_of(prefix)
    log = f"s3://{bucket}/{root}"
    start = since.start(log)
    listings = [{"Prefix": prefix, "StartAfter": root + start}] if start else [{"Prefix": prefix}]
    if start and prefix == root:
        listings.append({"Prefix": root, "Delimiter": "/"})  # objects beside the hour folders, some of which sort before them
    try:
        pages = [client.get_paginator("list_objects_v2").paginate(Bucket=bucket, **listing) for listing in listings]
        keys = sorted({item["Key"] for page in chain.from_iterable(pages) for item in page.get("Contents", ())})
    except CALL_ERRORS as error:
        raise store_error(f"s3://{bucket}/{prefix}", error) from error
    names = [key.removeprefix(root) for key in keys if not key.endswith("/")]  # the S3 console stores "folders" as empty objects
    return Log(names, lambda name: _get(client, bucket, root + name), since.moved(log, names))


def _get(client: Any, bucket: str, key: str) -> io.BytesIO | None:
    """An object's bytes; None if it does not exist. Raises StoreError, DataError naming it."""
    uri = f"s3://{bucket}/{key}"
    problem: StoreError | None = None
    for _ in range(BODY_ATTEMPTS):
        try:
            response = client.get_object(Bucket=bucket, Key=key)
        except CALL_ERRORS as error:
            if code_of(error) in MISSING:
                return None
            raise store_error(uri, error) from error
        if response["ContentLength"] > MAX_OBJECT_BYTES:
            raise DataError(f"{uri} is larger than {MAX_OBJECT_BYTES // 1024**2} MB: split it, or give its copy in a folder")
        try:
            return io.BytesIO(response["Body"].read())
        except CALL_ERRORS as error:
            problem = store_error(uri, error)
    assert problem is not None  # noqa: S101 for the type: every attempt has failed
    raise problem
