"""The versions of a store at a glance: which is live, since when, by whom, and what is known of each."""

from dataclasses import dataclass, replace
from datetime import datetime

from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.store.manifest import Pointer, made_at
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.prune import in_shadow


@dataclass(frozen=True, slots=True)
class VersionOverview:
    """One version. What its manifest would say is None if that is missing or damaged; `problem` then says which."""

    version: str
    status: str
    """`live`, `previous` (what a rollback returns to), `shadow`, `being deleted` or ""."""
    made_at: datetime
    live_since: datetime | None = None
    """When it last went live, if it ever did, as far as the history goes back."""
    live_by: str | None = None
    mode: str | None = None
    parent: str | None = None
    accuracy: float | None = None
    """Top-1, on the held-out authored forms."""
    precision: float | None = None
    size: int | None = None
    """In bytes."""
    passed: bool | None = None
    """Whether the gate passed it: only then can it go live."""
    reason: str | None = None
    """The gate's."""
    problem: str | None = None


def overview(store: ModelStore) -> tuple[VersionOverview, ...]:
    """Every version in a store, oldest first, sealed or not. Raises CorruptVersion for a damaged pointer or history, StoreError."""
    published = store.published_or_none()
    live = published.pointer if published is not None else None
    went_live = {move.version: move for move in store.history()}
    names = sorted(store.versions(), key=lambda name: (made_at(name), name))
    shadows = in_shadow(store)
    return tuple(_one(store, name, _status(name, live, shadows), went_live.get(name)) for name in names)


def _status(version: str, live: Pointer | None, shadows: set[str]) -> str:
    if live is not None and version in live.pruning:
        return "being deleted"
    if live is not None and version in {live.version, live.previous}:
        return "live" if version == live.version else "previous"
    return "shadow" if version in shadows else ""


def _one(store: ModelStore, version: str, status: str, move: Pointer | None) -> VersionOverview:
    found = VersionOverview(version, status, made_at(version))
    if move is not None:
        found = replace(found, live_since=move.promoted_at, live_by=move.promoted_by)
    try:
        manifest = store.manifest(version)
    except (VersionNotFound, CorruptVersion) as error:
        return replace(found, problem=str(error))
    return replace(
        found,
        mode=manifest.mode,
        parent=manifest.parent,
        accuracy=manifest.metrics.get("accuracy"),
        precision=manifest.metrics.get("precision"),
        size=sum(entry.size for entry in manifest.files.values()),
        passed=manifest.verdict.promote,
        reason=manifest.verdict.reason,
    )
