"""The report of a version, for whoever wants to look at it: live, rejected, or any other that is sealed."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from fieldwise_common.errors import VersionNotFound
from fieldwise_common.store.layout import REPORT
from fieldwise_common.store.model_store import ModelStore


class Report(NamedTuple):
    """A version's `report.html`, and its verdict in one line."""

    version: str
    page: bytes
    verdict: str


def read_report(store: ModelStore, version: str | None = None) -> Report:
    """The report of a version; by default of the newest that is sealed, smoke tests aside.

    Raises:
        VersionNotFound: no version has this name, it has no report, or there is no version at all.
        CorruptVersion: manifest or report is damaged.
    """
    manifest = store.manifest(version or _newest(store))
    if REPORT not in manifest.files:
        raise VersionNotFound(f"{manifest.version} has no {REPORT}: its manifest has all that is known of it")
    with TemporaryDirectory(prefix="fieldwise-") as folder:
        page = store.fetch(manifest.version, {REPORT: manifest.files[REPORT]}, Path(folder))[REPORT].read_bytes()
    live = store.published_or_none()
    state = ", live" if live is not None and live.pointer.version == manifest.version else ""
    word = "good enough" if manifest.verdict.promote else "not promoted"
    return Report(manifest.version, page, f"{manifest.version} ({word}{state}): {manifest.verdict.reason}")


def _newest(store: ModelStore) -> str:
    for name in reversed(store.versions()):
        if name.startswith("embeddings_"):
            try:
                return store.manifest(name).version
            except VersionNotFound:  # not sealed: still in training, or its training failed
                continue
    raise VersionNotFound("there is no version with a report yet: run a training first")
