"""A version while it is being written: a prefix without a manifest, which the steps fill, and which `seal` closes for good."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fieldwise_common.errors import CorruptVersion, PromotionConflict
from fieldwise_common.store.manifest import MANIFEST, FileEntry, Manifest, Pointer, entry_of
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import ObjectMissing


@contextmanager
def workbench() -> Iterator[Path]:
    """A folder below the temp folder, the only place a function may write to; gone at the end."""
    with TemporaryDirectory(prefix="fieldwise-") as folder:
        yield Path(folder)


class Draft:
    """The files below one version's prefix. Names are paths inside the version."""

    def __init__(self, store: ModelStore, version: str) -> None:
        self._store = store
        self.version = version

    def write(self, name: str, text: str) -> None:
        """Stores a text as a file."""
        self._store.objects.put(self._key(name), text.encode("utf-8"))

    def read(self, name: str) -> str:
        """The text of a file an earlier step stored. Raises CorruptVersion when it isn't there."""
        try:
            return self._store.objects.get(self._key(name)).body.decode("utf-8")
        except ObjectMissing as error:
            raise CorruptVersion(f"{self.version}/{name} is missing") from error

    def upload(self, folder: Path) -> None:
        """Stores every file below a local folder under its path in it."""
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            self._store.objects.upload(self._key(path.relative_to(folder).as_posix()), path)

    def copy_from(self, parent: str, names: Iterable[str]) -> None:
        """Takes files of another version over, without the bytes passing through here."""
        for name in names:
            self._store.objects.copy(f"{parent}/{name}", self._key(name))

    def download(self, names: Iterable[str], folder: Path) -> dict[str, Path]:
        """Fetches files into a local folder; answers where each of them is. Raises CorruptVersion naming a missing one."""
        paths = {name: folder / name.replace("/", "_") for name in names}
        for name, path in paths.items():
            try:
                self._store.objects.download(self._key(name), path)
            except ObjectMissing as error:
                raise CorruptVersion(f"{self.version}/{name} is missing") from error
        return paths

    def entries(self, taken_over: Mapping[str, FileEntry]) -> dict[str, FileEntry]:
        """Every file as it is really stored, read back and hashed.

        Raises CorruptVersion when a file taken over from the parent is not what the parent's manifest says.
        """
        found: dict[str, FileEntry] = {}
        with workbench() as folder:
            for name in self.names():
                path = self.download([name], folder)[name]
                found[name] = entry_of(path)
                path.unlink()
        for name, entry in taken_over.items():
            if found.get(name) != entry:
                raise CorruptVersion(f"{self.version}/{name} differs from the manifest of the version it was taken from")
        return found

    def sealed(self) -> Manifest | None:
        """The manifest, once there is one."""
        has_manifest = any(key == self._key(MANIFEST) for key in self._store.objects.keys(self._key(MANIFEST)))
        return self._store.manifest(self.version) if has_manifest else None

    def names(self) -> list[str]:
        """Every file stored so far, sorted."""
        keys = self._store.objects.keys(self._key(""))
        return [name for name in (key.removeprefix(self._key("")) for key in keys) if name != MANIFEST]

    def _key(self, name: str) -> str:
        return f"{self.version}/{name}"


def promote(store: ModelStore, version: str, by: str, etag: str | None) -> Pointer:
    """Moves the pointer to `version` if it still is the one read under `etag` (None: there was none).

    A version that is live already stays so: a repeated step changes nothing. Raises PromotionConflict as the store does.
    """
    current = store.published_or_none()
    if current is not None and current.pointer.version == version:
        return current.pointer
    if (current.etag if current is not None else None) != etag:
        raise PromotionConflict(f"{version} was not promoted: somebody else moved the pointer first")
    return store.promote(version, by, current)


def roll_back(store: ModelStore, version: str, by: str) -> Pointer:
    """Moves the pointer to an older version, after checking that all its files are what its manifest says.

    Raises VersionNotFound, CorruptVersion, and PromotionConflict for a version the gate never let through.
    """
    manifest = store.manifest(version)
    current = store.published_or_none()
    with workbench() as folder:
        store.fetch(version, manifest.files, folder)
    return store.promote(version, by, current)
