"""An object store in a local folder, with the same conditional writes as S3, for the command line and for tests."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fieldwise_common.errors import StoreError
from fieldwise_common.store.manifest import CHUNK, FileEntry, write_file
from fieldwise_common.store.objects import ObjectMissing, PreconditionMissed, StoredObject


class FolderObjects:
    """Objects as files below `root`. An ETag is the MD5 of the bytes, as S3's is for small objects."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> StoredObject:
        try:
            body = self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            raise ObjectMissing(f"{self._path(key)} does not exist") from None
        return StoredObject(body, _etag(body))

    def get_if_changed(self, key: str, etag: str) -> StoredObject | None:
        found = self.get(key)
        return None if found.etag == etag else found

    def put(self, key: str, body: bytes) -> str:
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.partial")
        unfinished.write_bytes(body)
        unfinished.replace(target)
        return _etag(body)

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        with self._locked():
            try:
                current: str | None = self.get(key).etag
            except ObjectMissing:
                current = None
            if current != etag:
                raise PreconditionMissed(f"{self._path(key)} has changed since it was read")
            return self.put(key, body)

    def upload(self, key: str, path: Path) -> None:
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    def download(self, key: str, path: Path) -> FileEntry:
        # a copy, not a hard link: training rewrites files that it has downloaded
        try:
            source = self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            raise ObjectMissing(f"{self._path(key)} does not exist") from None
        except OSError as error:
            raise _unreadable(self._path(key), error) from error
        with source:
            return write_file(path, _chunks(source))

    def copy(self, source: str, target: str) -> None:
        if not self._path(source).is_file():
            raise ObjectMissing(f"{self._path(source)} does not exist")
        self.upload(target, self._path(source))

    def delete(self, keys: Iterable[str]) -> None:
        for path in map(self._path, keys):
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root.resolve() or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()

    def size(self, prefix: str) -> int:
        return sum(self._path(key).stat().st_size for key in self.keys(prefix))

    def keys(self, prefix: str) -> Iterator[str]:
        files = (p for p in self._root.rglob("*") if p.is_file() and not p.name.startswith("."))
        names = (p.relative_to(self._root).as_posix() for p in files)
        yield from sorted(name for name in names if name.startswith(prefix))

    def children(self, prefix: str) -> Iterator[str]:
        rests = (key.removeprefix(prefix) for key in self.keys(prefix))
        yield from sorted({rest.partition("/")[0] for rest in rests if "/" in rest})

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.is_relative_to(self._root.resolve()):
            raise StoreError(f"{key} is outside the store's folder")
        return path

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """Makes an error of reading a StoreError, so that every OSError of a download is one of writing."""
    try:
        yield from iter(partial(file.read, CHUNK), b"")
    except OSError as error:
        raise _unreadable(file.name, error) from error


def _unreadable(path: Path | str, error: OSError) -> StoreError:
    return StoreError(f"{path} can't be read: {error.strerror}")


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
