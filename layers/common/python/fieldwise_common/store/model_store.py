"""Versions and the pointer: list, verify, fetch, seal, promote, roll back."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from errno import EDQUOT, ENOSPC, errorcode
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_ident
from typing import Literal

from pydantic import ValidationError

from fieldwise_common.errors import (
    CorruptVersion,
    DownloadRefused,
    NoVersionPublished,
    PromotionConflict,
    PromotionRefused,
    SettingsError,
    StoreError,
    VersionNotFound,
)
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.history import moves, record
from fieldwise_common.store.layout import MANIFEST, POINTER
from fieldwise_common.store.manifest import VERSION_NAME, FileEntry, Manifest, Pointer, as_json, entry_of, parse_pointer
from fieldwise_common.store.objects import ObjectMissing, ObjectStore, PreconditionMissed

PARALLEL_DOWNLOADS = 6
MOVE_ATTEMPTS = 5
"""At changing the pointer: it fails when something else changed the pointer at the same time."""
NO_SPACE = (ENOSPC, EDQUOT)
"""Error numbers: the disk is full, or the user's share of it."""
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Published:
    """The pointer as it was read, with its ETag for a conditional write."""

    pointer: Pointer
    etag: str


class Downloads(Mapping[str, Path]):
    """The local paths of files that are being downloaded, by name: each is waited for when it is asked for."""

    def __init__(self, futures: Mapping[str, Future[Path]]) -> None:
        self._futures = futures
        self._began = time.perf_counter()
        self._ended = self._began
        for future in futures.values():
            future.add_done_callback(self._note_time)

    def _note_time(self, _: Future[Path]) -> None:
        self._ended = time.perf_counter()

    @property
    def milliseconds(self) -> float:
        """From the start to the end of the last download that has ended."""
        return 1000 * (self._ended - self._began)

    def __getitem__(self, name: str) -> Path:
        return self._futures[name].result()

    def __contains__(self, name: object) -> bool:  # Mapping's own would wait for the file
        return name in self._futures

    def __iter__(self) -> Iterator[str]:
        return iter(self._futures)

    def __len__(self) -> int:
        return len(self._futures)


class ModelStore:
    """The versions below one prefix of an object store."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects

    def published(self) -> Published:
        """The pointer. Raises NoVersionPublished while there is none, CorruptVersion when it can't be parsed."""
        try:
            found = self.objects.get(POINTER)
        except ObjectMissing as error:
            raise NoVersionPublished("no version published yet: run a training first") from error
        return Published(parse_pointer(found.body), found.etag)

    def published_or_none(self) -> Published | None:
        """The pointer, or None while there is none. Raises CorruptVersion when it can't be parsed."""
        try:
            return self.published()
        except NoVersionPublished:
            return None

    def published_if_changed(self, etag: str) -> Published | None:
        """The pointer, or None while it is the one that was read under `etag`."""
        try:
            found = self.objects.get_if_changed(POINTER, etag)
        except ObjectMissing as error:
            raise NoVersionPublished("no version published any more: the pointer is gone") from error
        return Published(parse_pointer(found.body), found.etag) if found is not None else None

    def versions(self) -> tuple[str, ...]:
        """The names of all versions, sealed or not, oldest first within a kind."""
        return tuple(name for name in self.objects.children("") if VERSION_NAME.fullmatch(name))

    def manifest(self, version: str, expected_sha256: str | None = None) -> Manifest:
        """The manifest of a sealed version.

        Raises:
            VersionNotFound: no version has this name, or it was never sealed.
            CorruptVersion: the manifest's hash is not `expected_sha256`, or it can't be parsed.
        """
        body = self._manifest_bytes(version)
        if expected_sha256 is not None and hashlib.sha256(body).hexdigest() != expected_sha256:
            raise CorruptVersion(f"{version}/{MANIFEST} is not the one the pointer names")
        return _parse_manifest(version, body)

    def _manifest_bytes(self, version: str) -> bytes:
        if not VERSION_NAME.fullmatch(version):
            raise VersionNotFound(f"{version!r} is not a version's name")
        try:
            return self.objects.get(f"{version}/{MANIFEST}").body
        except ObjectMissing as error:
            raise VersionNotFound(f"{version} has no manifest: it is missing or was never sealed") from error

    def fetch(self, version: str, files: Mapping[str, FileEntry], cache: Path, workers: int = PARALLEL_DOWNLOADS) -> dict[str, Path]:
        """Downloads `files` of a version into `cache`, in parallel. Files are stored by content hash and downloaded once.

        Returns the local path of each.

        Raises:
            CorruptVersion: naming the first file that is missing or differs.
            DownloadRefused: the cache is full or read-only.
        """
        with self.fetching(version, files, cache, workers) as paths:
            return dict(paths)

    @contextmanager
    def fetching(self, version: str, files: Mapping[str, FileEntry], cache: Path, workers: int = PARALLEL_DOWNLOADS) -> Iterator[Downloads]:
        """As `fetch`, while it goes on: asking the mapping for a file waits for it alone, and raises what `fetch` would."""
        pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="download")
        try:
            yield Downloads({name: pool.submit(self._fetch_one, version, name, entry, cache) for name, entry in files.items()})
        finally:
            pool.shutdown(cancel_futures=True)

    def _fetch_one(self, version: str, name: str, entry: FileEntry, cache: Path) -> Path:
        target = cache / entry.sha256
        partial = cache / f"{entry.sha256}.{os.getpid()}.{get_ident()}.partial"  # two files of a version may be equal
        try:
            if _is_intact(target, entry):
                return target
            cache.mkdir(parents=True, exist_ok=True)
            if self.objects.download(f"{version}/{name}", partial) != entry:
                raise CorruptVersion(f"{version}/{name} differs from its manifest")
            partial.replace(target)
        except ObjectMissing as error:
            raise CorruptVersion(f"{version}/{name} is missing") from error
        except OSError as error:
            todo = f"free {entry.size / 1e6:.1f} MB or more in it" if error.errno in NO_SPACE else "make it writable"
            reason = f"the temp folder can't take {version}/{name} ({errorcode.get(error.errno or 0, 'unknown error')})"
            raise DownloadRefused(f"{reason}: {todo}, or name another folder in TMPDIR") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        return target

    def seal(self, manifest: Manifest) -> str:
        """Writes the manifest, after which the version never changes; returns its sha256.

        Raises PromotionConflict when the version is already sealed with another manifest.
        """
        body = as_json(manifest)
        key = f"{manifest.version}/{MANIFEST}"
        try:
            self.objects.put_if(key, body, None)
        except PreconditionMissed as error:
            if self.objects.get(key).body != body:
                raise PromotionConflict(f"{manifest.version} is already sealed with another manifest") from error
        return hashlib.sha256(body).hexdigest()

    def promote(self, version: str, by: str, instead_of: str | None) -> Pointer:
        """Moves the pointer to a sealed version that passed the gate, if `instead_of` is live (None: nothing is).

        Promoting the live version changes nothing, so that a step can be repeated.

        Raises:
            PromotionConflict: another version than `instead_of` is live.
            PromotionRefused: the gate rejected the version, or a prune is deleting it.
            VersionNotFound, CorruptVersion: as for `manifest`.
        """
        return self._move(version, by, instead_of, "promoted")

    def roll_back(self, version: str, by: str, reason: str = "") -> Pointer:
        """Makes a version live again, after checking all its files against its manifest. `reason`: in the history; "": the gate's.

        Raises as `promote`; CorruptVersion also for a file that is missing or differs.
        """
        live = self.published_or_none()
        with TemporaryDirectory(prefix="fieldwise-") as folder:
            self.fetch(version, self.manifest(version).files, Path(folder))
        return self._move(version, by, live.pointer.version if live is not None else None, "rolled back", reason)

    def _move(self, version: str, by: str, instead_of: str | None, kind: Literal["promoted", "rolled back"], reason: str = "") -> Pointer:
        """What the pointer must agree with is read after the pointer itself, so that the conditional write settles a race with `prune`.

        The write may also fail because a prune noted in the pointer what it deletes: then all is checked once more.
        """
        for _ in range(MOVE_ATTEMPTS):
            live = self.published_or_none()
            current = live.pointer.version if live is not None else None
            if live is not None and current == version:  # or our own write was repeated because its response was lost
                self._record_made(live.pointer)
                return live.pointer
            if current != instead_of:
                raise PromotionConflict(f"{version} was not promoted: {current or 'no version'} is live by now, not {instead_of or 'none'}")
            pointer = self._next_pointer(version, live, by, kind, reason)
            if live is not None:
                record(self.objects, live.pointer)
            try:
                self.objects.put_if(POINTER, as_json(pointer), live.etag if live is not None else None)
            except (PreconditionMissed, ObjectMissing):
                continue
            self._record_made(pointer)
            return pointer
        raise PromotionConflict(f"{version} was not promoted: the pointer keeps changing")

    def _record_made(self, pointer: Pointer) -> None:
        """A failure changes nothing: the move is made, and recorded before the next one."""
        with suppress(StoreError):
            record(self.objects, pointer)

    def _next_pointer(
        self, version: str, live: Published | None, by: str, kind: Literal["promoted", "rolled back"], reason: str
    ) -> Pointer:
        body = self._manifest_bytes(version)
        verdict = _parse_manifest(version, body).verdict
        if not verdict.promote:
            raise PromotionRefused(f"{version} was rejected by the gate: {verdict.reason}")
        before = live.pointer if live is not None else None
        if before is not None and version in before.pruning:
            raise PromotionRefused(f"{version} is being deleted by a prune: choose another version")
        now = datetime.now(UTC)
        return Pointer(
            version=version,
            manifest_sha256=hashlib.sha256(body).hexdigest(),
            previous=before.version if before is not None else None,
            promoted_at=max(now, before.promoted_at + TICK) if before is not None else now,
            promoted_by=by,
            kind=kind,
            reason=reason or verdict.reason,
            pruning=before.pruning if before is not None else (),
            prunes=before.prunes if before is not None else 0,
        )

    def history(self) -> tuple[Pointer, ...]:
        """Every move of the pointer, oldest first (see `history`). Raises CorruptVersion, StoreError."""
        live = self.published_or_none()
        return moves(self.objects, live.pointer if live is not None else None)


def _is_intact(path: Path, entry: FileEntry) -> bool:
    """Whether a file is in the cache as the manifest has it. One that can't be read is not, and is downloaded again."""
    try:
        return path.is_file() and entry_of(path) == entry
    except OSError:
        return False


def _parse_manifest(version: str, body: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(body)
    except ValidationError as error:
        raise CorruptVersion(f"{version}/{MANIFEST} can't be parsed") from error
    if manifest.version != version:
        raise CorruptVersion(f"{version}/{MANIFEST} is the manifest of {manifest.version}")
    return manifest


def open_store(uri: str) -> ModelStore:
    """The store at `s3://bucket/prefix` or in a local folder.

    Raises SettingsError for another kind of address, and for an AWS configuration that can't be used.
    """
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return ModelStore(FolderObjects(Path(uri)))
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise SettingsError(f"{uri} is neither s3://bucket/prefix nor a folder")
    from botocore.exceptions import BotoCoreError  # boto3 takes longer to import than a version in a folder takes to load

    from fieldwise_common.store.s3 import S3Objects, s3_client

    try:
        return ModelStore(S3Objects(bucket, prefix, s3_client()))
    except (BotoCoreError, ValueError) as error:  # botocore raises ValueError for a malformed endpoint
        raise SettingsError(f"{uri}: {error}") from error


def drop_unused(cache: Path, keep: Iterable[Path]) -> None:
    """Deletes everything in a download cache but `keep`: a function's temp folder is small. What can't be deleted stays."""
    kept = {path.name for path in keep}
    for path in cache.iterdir():
        if path.name not in kept:
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
