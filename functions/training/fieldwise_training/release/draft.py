"""A version while it is being made: the steps write its files below its prefix, and `seal` closes it with a manifest."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.store.layout import MANIFEST
from fieldwise_common.store.manifest import FileEntry, Manifest, entry_of
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import ObjectMissing


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is deleted at the end; in `/tmp`, the only place where a Lambda function may write."""
    with TemporaryDirectory(prefix="fieldwise-") as folder:
        yield Path(folder)


class Draft:
    """The files of one version, by their names in `layout`."""

    def __init__(self, store: ModelStore, version: str) -> None:
        self._store = store
        self.version = version

    def write(self, name: str, text: str) -> None:
        """Stores a text as a file, in UTF-8."""
        self._store.objects.put(self._key(name), text.encode("utf-8"))

    def read(self, name: str) -> str:
        """The text of a file that an earlier step stored. Raises CorruptVersion when it is missing."""
        try:
            return self._store.objects.get(self._key(name)).body.decode("utf-8")
        except ObjectMissing as error:
            raise CorruptVersion(f"{self.version}/{name} is missing") from error

    def upload(self, folder: Path) -> None:
        """Stores every file below a local folder, named by its path in the folder."""
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            self._store.objects.upload(self._key(path.relative_to(folder).as_posix()), path)

    def upload_file(self, name: str, path: Path) -> None:
        """Stores a local file."""
        self._store.objects.upload(self._key(name), path)

    def has(self, name: str) -> bool:
        """Whether the file is stored."""
        return self._key(name) in self._store.objects.keys(self._key(name))

    def remove(self, prefix: str) -> None:
        """Deletes every file whose name starts with `prefix`."""
        self._store.objects.delete(list(self._store.objects.keys(self._key(prefix))))

    def copy_from(self, parent: str, names: Iterable[str]) -> None:
        """Copies files of another version within the store, without downloading them."""
        for name in names:
            self._store.objects.copy(f"{parent}/{name}", self._key(name))

    def download(self, names: Iterable[str], folder: Path) -> dict[str, Path]:
        """Downloads files into a local folder; returns the local path of each. Raises CorruptVersion naming a missing one."""
        paths = {name: folder / name.replace("/", "_") for name in names}
        for name, path in paths.items():
            try:
                self._store.objects.download(self._key(name), path)
            except ObjectMissing as error:
                raise CorruptVersion(f"{self.version}/{name} is missing") from error
        return paths

    def entries(self, copied: Mapping[str, FileEntry]) -> dict[str, FileEntry]:
        """The manifest's entry of every file: size and hash of what is really stored, read back.

        Raises CorruptVersion when a file that was `copied` from the parent differs from its entry in the parent's manifest.
        """
        found: dict[str, FileEntry] = {}
        with temporary_folder() as folder:
            for name in self.names():
                path = self.download([name], folder)[name]
                found[name] = entry_of(path)
                path.unlink()
        for name, entry in copied.items():
            if found.get(name) != entry:
                raise CorruptVersion(f"{self.version}/{name} differs from the manifest of the version it was copied from")
        return found

    def sealed(self) -> Manifest | None:
        """The manifest; None while the version is not sealed."""
        try:
            return self._store.manifest(self.version)
        except VersionNotFound:
            return None

    def names(self) -> list[str]:
        """The names of all files stored so far, sorted."""
        keys = self._store.objects.keys(self._key(""))
        return [name for name in (key.removeprefix(self._key("")) for key in keys) if name != MANIFEST]

    def _key(self, name: str) -> str:
        return f"{self.version}/{name}"
