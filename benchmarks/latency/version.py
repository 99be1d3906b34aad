"""The published version of a store, opened as inference opens it, with an encoder that remembers only when asked to."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_common.store.model_store import open_store
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder, Vectors
from fieldwise_inference.serving.version import load_version


class ForgetfulEncoder:
    """Every text is new to it; one that comes twice in a call is embedded once, as in production."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's own, past its memory."""
        distinct = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        if not distinct:
            return self._encoder.encode([])
        vectors: Vectors = self._encoder.embed(list(distinct))[np.array([distinct[text] for text in texts])]
        return vectors

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's own."""
        return self._encoder.embed(texts)


@dataclass(frozen=True, slots=True)
class Opened:
    """A version in memory, and the bytes of each file it was opened from."""

    version: LoadedVersion
    sizes: Mapping[str, int]

    @property
    def forgetful(self) -> LoadedVersion:
        """The same version, remembering no text."""
        return replace(self.version, encoder=ForgetfulEncoder(self.version.encoder))


@contextmanager
def opened(store: str) -> Iterator[Opened]:
    """The published version. Raises ModelError, StoreError or SettingsError when there is none to open, or none with a ranker."""
    with tempfile.TemporaryDirectory(prefix="fieldwise-latency-") as folder:
        name, files = fetch(store, Path(folder))
        version = load_version(name, files)
        if version.ranker is None:
            raise CorruptVersion(f"{name} was made without a ranker: there is nothing to compare")
        yield Opened(version, {file: path.stat().st_size for file, path in files.items()})


def fetch(store: str, folder: Path) -> tuple[str, dict[str, Path]]:
    """The name of the published version, and its served files in `folder`, checked. Raises as `opened`."""
    models = open_store(store)
    pointer = models.published().pointer
    manifest = models.manifest(pointer.version, pointer.manifest_sha256)
    served = {name: entry for name, entry in manifest.files.items() if name in layout.SERVED}
    return pointer.version, models.fetch(pointer.version, served, folder)
