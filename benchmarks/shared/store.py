"""The published version of a model store."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fieldwise_common.errors import NoVersionPublished
from fieldwise_common.store import layout
from fieldwise_common.store.model_store import open_store
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.version import load_version

LOCAL = Path(__file__).resolve().parents[2] / ".local"
"""The embedded stack's state folder; benchmarks write their figures there too."""


def local_store(state: Path = LOCAL) -> str:
    """The folder in which the embedded stack keeps its model store. Raises NoVersionPublished before its first training."""
    objects = state / "data" / "s3"
    pointers = sorted(objects.glob(f"*/models/{layout.POINTER}"))
    if not pointers:
        raise NoVersionPublished(f"no version is published under {objects}: start the stack once (make run), or name a store (STORE=…)")
    return str(pointers[0].parent)


def fetch(store: str, folder: Path) -> tuple[str, dict[str, Path]]:
    """The name of the published version of `store` (a folder or `s3://…`), and its served files in `folder`, verified.

    Raises ModelError, StoreError or SettingsError if no version can be fetched.
    """
    models = open_store(store)
    pointer = models.published().pointer
    manifest = models.manifest(pointer.version, pointer.manifest_sha256)
    return pointer.version, models.fetch(pointer.version, manifest.served, folder)


@dataclass(frozen=True, slots=True)
class Opened:
    """A version in memory, and the size in bytes of each file it was loaded from."""

    version: LoadedVersion
    sizes: Mapping[str, int]


def open_published(store: str, without_ranker: bool = False) -> Opened:
    """The published version of `store`, loaded as inference loads it. Raises as `fetch`.

    `without_ranker`: the version decides as one that was made without a ranker.
    """
    with tempfile.TemporaryDirectory(prefix="fieldwise-benchmark-") as folder:
        name, files = fetch(store, Path(folder))
        version = load_version(name, files)
        sizes = {file: path.stat().st_size for file, path in files.items()}
    return Opened(without_its_ranker(version) if without_ranker else version, sizes)


def without_its_ranker(version: LoadedVersion) -> LoadedVersion:
    """The version as if it had been made without a ranker: the fallback decides."""
    return replace(version, version=f"{version.version} without its ranker", ranker=None)
