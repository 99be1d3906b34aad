"""Deleting old versions, while runs promote and operators roll back.

An object store has no transaction over several objects, so both sides agree on one: the pointer. `prune` first adds the versions
to the pointer's `pruning`, with If-Match; a move of the pointer (`ModelStore.promote`) reads the pointer, then checks that its
version is not in `pruning` and still has a manifest, and writes with If-Match too. Of a prune and a move of the same version, one
therefore sees the other: if the move was first, the version is live and `prune` leaves it alone; if `prune` was first, the move
is refused. Nothing is deleted before that is settled. A version's manifest is deleted first, because a version without one is
not a version; when all its objects are gone, it leaves `pruning`. After a crash the next prune finishes what is in there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldwise_common.errors import StoreError
from fieldwise_common.store.layout import MANIFEST, POINTER, SHADOW
from fieldwise_common.store.manifest import VERSION_NAME, Pointer, as_json, made_at
from fieldwise_common.store.model_store import MOVE_ATTEMPTS, ModelStore
from fieldwise_common.store.objects import ObjectMissing, PreconditionMissed

DRAFT_LIFETIME = timedelta(days=1)
"""A version that is not sealed may be one that a run is making; no run takes longer."""


@dataclass(frozen=True, slots=True)
class Prunable:
    """A version to delete."""

    version: str
    made_at: datetime
    size: int
    """In bytes, of everything stored."""
    is_sealed: bool


def prunable(store: ModelStore, keep: int, older_than: timedelta, now: datetime) -> tuple[Prunable, ...]:
    """The versions to delete, oldest first: those older than `older_than`, except the newest `keep`, and except protected ones.

    Protected are the live version, the one before it, a shadow candidate, and what may still be in the making. What an interrupted
    prune left is always among them. Raises NoVersionPublished: without a pointer nobody knows what is in use.
    """
    pointer = store.published().pointer
    protected = _protected(store, pointer)
    by_age = sorted(store.versions(), key=lambda name: (made_at(name), name))
    newest = set(by_age[max(0, len(by_age) - keep) :])
    found = []
    for version in by_age:
        is_sealed = any(key == f"{version}/{MANIFEST}" for key in store.objects.keys(f"{version}/{MANIFEST}"))
        age = now - made_at(version)
        is_half_deleted = version in pointer.pruning
        is_old = version not in newest and age > older_than and (is_sealed or age > DRAFT_LIFETIME)
        if version not in protected and (is_half_deleted or is_old):
            found.append(Prunable(version, made_at(version), store.objects.size(f"{version}/"), is_sealed))
    return tuple(found)


def prune(store: ModelStore, versions: Iterable[str]) -> tuple[str, ...]:
    """Deletes versions; returns those it deleted: one that went live, or into shadow, since `prunable` stays. Can be repeated.

    Raises StoreError.
    """
    announced = _announce(store, tuple(versions))
    spared = in_shadow(store).intersection(announced)  # read once more: see `set_shadow`
    doomed = tuple(version for version in announced if version not in spared)
    for version in doomed:
        store.objects.delete([f"{version}/{MANIFEST}"])
        store.objects.delete(store.objects.keys(f"{version}/"))
    _change_pruning(
        store, lambda pointer: tuple(one for one in pointer.pruning if one not in spared and any(store.objects.keys(f"{one}/")))
    )
    return doomed


def in_shadow(store: ModelStore) -> set[str]:
    """Every version that `shadow.json` names, whatever else is in it. Raises StoreError."""
    try:
        setting = store.objects.get(SHADOW).body.decode("utf-8", "replace")
    except ObjectMissing:
        return set()
    return {found[0] for found in VERSION_NAME.finditer(setting)}


def _protected(store: ModelStore, pointer: Pointer) -> set[str]:
    """What must stay: the live version, the one that a rollback returns to, and every version that `shadow.json` names."""
    return {pointer.version, *((pointer.previous,) if pointer.previous else ()), *in_shadow(store)}


def _announce(store: ModelStore, versions: tuple[str, ...]) -> tuple[str, ...]:
    """Adds versions to the pointer's `pruning`; returns those that are in it now, which is all but those that are protected by now."""
    doomed: tuple[str, ...] = ()

    def changed(pointer: Pointer) -> tuple[str, ...]:
        nonlocal doomed
        protected = _protected(store, pointer)
        doomed = tuple(version for version in versions if version not in protected)
        return tuple(sorted({*pointer.pruning, *doomed}))

    _change_pruning(store, changed)
    return doomed


def _change_pruning(store: ModelStore, changed: Callable[[Pointer], tuple[str, ...]]) -> None:
    """Rewrites the pointer with another `pruning`; again with the new pointer when it moved meanwhile."""
    for _ in range(MOVE_ATTEMPTS):
        live = store.published()
        pruning = changed(live.pointer)
        if pruning == live.pointer.pruning:
            return
        pointer = live.pointer.model_copy(update={"pruning": pruning, "prunes": live.pointer.prunes + 1})
        try:
            store.objects.put_if(POINTER, as_json(pointer), live.etag)
        except PreconditionMissed:
            continue
        return
    raise StoreError("the pointer keeps changing: prune again when no training ends")
