"""A replay: the logged forms in batches, decided again, and counted."""

import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from fieldwise_common.errors import DataError
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.classify.code import code_version
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.version import load_version
from fieldwise_training.feedback.rows import instant
from fieldwise_training.feedback.source import UNREAD, find_log, mark_at
from fieldwise_training.progress.report import OnProgress, ProgressReport, ignore_progress
from tools.replay.decide import decided_again
from tools.replay.logged import LoggedForm, LoggedForms
from tools.replay.report import ReplayReport, Tally

BATCH_FIELDS = 2_000
"""Fields that are embedded together, and held in memory."""


def replay(
    log: str,
    store: ModelStore,
    version: str,
    since: datetime | None = None,
    limit: int | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ReplayReport:
    """Makes the decisions of a log again with a version of a store, oldest first; the form that reaches `limit` is the last.

    Raises:
        DataError: the log has no decision that can be made again.
        VersionNotFound, CorruptVersion, StoreError, SettingsError: the version or the log can't be read.
    """
    began = time.perf_counter()
    forms = LoggedForms(find_log(log, mark_at(log, since) if since is not None else UNREAD), instant(since.isoformat()) if since else "")
    tally = Tally(version, code_version())
    with tempfile.TemporaryDirectory(prefix="fieldwise-replay-") as folder:
        loaded = load_sealed(store, version, Path(folder))
        for batch in _batches(forms, limit):
            for form, decisions in zip(batch, decided_again(loaded, batch), strict=True):
                tally.forms += 1
                for position, logged in enumerate(form):
                    tally.add(logged, decisions[position])
            on_progress(ProgressReport(work="decisions replayed", done=tally.decisions, total=limit or tally.decisions))
    if not tally.decisions:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(forms.skipped.items()) if count)
        raise DataError(f"{log}: no decision can be replayed" + (f" ({reasons})" if reasons else ": it has none in this time"))
    return tally.report(forms.skipped, time.perf_counter() - began)


def load_sealed(store: ModelStore, version: str, folder: Path) -> LoadedVersion:
    """A version of a store, by way of a folder. Raises VersionNotFound, CorruptVersion or StoreError."""
    return load_version(version, store.fetch(version, store.manifest(version).served, folder))


def _batches(forms: Iterable[LoggedForm], limit: int | None) -> Iterator[list[LoggedForm]]:
    """Forms with about `BATCH_FIELDS` fields each time, until `limit` decisions are reached."""
    batch: list[LoggedForm] = []
    fields = taken = 0
    for form in forms:
        if limit is not None and taken >= limit:
            break
        batch.append(form)
        fields += len(form)
        taken += len(form)
        if fields >= BATCH_FIELDS:
            yield batch
            batch, fields = [], 0
    if batch:
        yield batch
