from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import count, product
from pathlib import Path
from threading import Semaphore, Thread
from typing import cast

import pytest
from tests.support.versions import FILES, NOW, sealed_version

from fieldwise_common.errors import (
    CorruptVersion,
    FieldwiseError,
    NoVersionPublished,
    PromotionRefused,
    SettingsError,
    StoreError,
    VersionNotFound,
)
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.layout import MANIFEST
from fieldwise_common.store.manifest import VERSION_NAME, FileEntry, version_name, write_file
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import ObjectMissing, ObjectStore, PreconditionMissed, StoredObject
from fieldwise_common.store.prune import SHADOW, prunable, prune
from fieldwise_common.store.shadow import read_shadow, set_shadow

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(FolderObjects(tmp_path / "store"))


def aged(store: ModelStore, *ages: int) -> list[str]:
    """Sealed versions that are so many days old."""
    return [sealed_version(store, f"run {age}", NOW - age * DAY) for age in ages]


def names(store: ModelStore, keep: int = 0, older_than: timedelta = timedelta(0)) -> list[str]:
    return [found.version for found in prunable(store, keep, older_than, NOW)]


def test_versions_are_deleted_by_count_and_age(store: ModelStore) -> None:
    oldest, older, old, previous, live = aged(store, 50, 40, 30, 20, 10)
    store.promote(previous, "a run", None)
    store.promote(live, "a run", previous)

    assert names(store) == [oldest, older, old]
    assert names(store, keep=3) == [oldest, older]
    assert names(store, keep=9) == []
    assert names(store, older_than=35 * DAY) == [oldest, older]
    assert names(store, keep=4, older_than=35 * DAY) == [oldest]


def test_the_live_version_the_one_before_it_and_the_one_in_shadow_stay(store: ModelStore) -> None:
    live, previous, shadow, old = aged(store, 50, 40, 30, 20)
    store.promote(previous, "a run", None)
    store.promote(live, "a run", previous)
    store.objects.put(SHADOW, f'{{"version": "{shadow}", "share": 0.1}}'.encode())

    assert names(store) == [old]
    assert prune(store, [live, previous, shadow, old]) == (old,)
    assert store.versions() == (live, previous, shadow)


def test_what_a_run_may_still_be_making_stays_for_a_day(store: ModelStore) -> None:
    (live,) = aged(store, 50)
    store.promote(live, "a run", None)
    young, abandoned = (version_name("embeddings", NOW - hours * timedelta(hours=1), "draft") for hours in (23, 25))
    for name in (young, abandoned):
        store.objects.put(f"{name}/meta.json", b"12345")

    (found,) = prunable(store, 0, timedelta(0), NOW)

    assert (found.version, found.is_sealed, found.size) == (abandoned, False, 5)


def test_nothing_is_deleted_while_nobody_knows_what_is_live(store: ModelStore) -> None:
    aged(store, 50)

    with pytest.raises(NoVersionPublished):
        names(store)


def test_a_deleted_version_leaves_nothing_but_the_history(store: ModelStore, tmp_path: Path) -> None:
    old, live = aged(store, 50, 10)
    store.promote(old, "a run", None)
    store.promote(live, "a run", old)
    store.promote(sealed_version(store, "newest"), "a run", live)

    prune(store, [old])

    assert not (tmp_path / "store" / old).exists()
    assert store.published().pointer.pruning == ()
    assert store.history()[0].version == old
    with pytest.raises(VersionNotFound):
        store.roll_back(old, "an operator")


def test_an_interrupted_prune_is_finished_by_the_next_and_its_versions_can_not_go_live_meanwhile(store: ModelStore) -> None:
    old, live = aged(store, 50, 10)
    store.promote(live, "a run", None)

    class Failing(FolderObjects):
        def delete(self, keys: Iterable[str]) -> None:
            raise StoreError("no connection")

    with pytest.raises(StoreError):
        prune(ModelStore(Failing(store.objects._root)), [old])  # type: ignore[attr-defined]

    assert store.manifest(old)
    with pytest.raises(PromotionRefused, match=f"{old} is being deleted by a prune"):
        store.roll_back(old, "an operator")
    assert names(store, keep=9) == [old]
    prune(store, names(store, keep=9))
    assert (store.versions(), store.published().pointer.pruning) == ((live,), ())


class Killed(BaseException):
    """The end of the process."""


class Stepped:
    """Objects in memory, for a process that stops before each of its calls of the store until it may go on."""

    def __init__(self, bodies: dict[str, bytes], before_call: Callable[[], None] = lambda: None) -> None:
        self._bodies, self._before_call = bodies, before_call

    def get(self, key: str) -> StoredObject:
        self._before_call()
        if key not in self._bodies:
            raise ObjectMissing(f"{key} does not exist")
        return StoredObject(self._bodies[key], sha256(self._bodies[key]).hexdigest())

    def put(self, key: str, body: bytes) -> str:
        self._before_call()
        self._bodies[key] = body
        return sha256(body).hexdigest()

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        self._before_call()
        current = sha256(self._bodies[key]).hexdigest() if key in self._bodies else None
        if current != etag:
            raise PreconditionMissed(key)
        self._bodies[key] = body
        return sha256(body).hexdigest()

    def keys(self, prefix: str) -> Iterator[str]:
        self._before_call()
        return iter(sorted(key for key in self._bodies if key.startswith(prefix)))

    def delete(self, keys: Iterable[str]) -> None:
        """Key by key, as the objects of one request may vanish."""
        for key in tuple(keys):
            self._before_call()
            self._bodies.pop(key, None)

    def download(self, key: str, path: Path) -> FileEntry:
        """Not a step: `fetch` downloads in threads of its own."""
        if key not in self._bodies:
            raise ObjectMissing(f"{key} does not exist")
        return write_file(path, [self._bodies[key]])


def store_of(bodies: dict[str, bytes], before_call: Callable[[], None] = lambda: None) -> ModelStore:
    return ModelStore(cast("ObjectStore", Stepped(bodies, before_call)))


class Actor(Thread):
    """A process that does something with a store, one call at a time."""

    def __init__(self, bodies: dict[str, bytes], action: Callable[[ModelStore], object]) -> None:
        super().__init__(daemon=True)
        self._arrived, self._go, self._is_killed = Semaphore(0), Semaphore(0), False
        self._store, self._action = store_of(bodies, self._before_call), action
        self.result: object = None
        self.error: FieldwiseError | None = None
        self.is_done = False
        self.start()
        self._arrived.acquire()

    def run(self) -> None:
        try:
            self.result = self._action(self._store)
        except FieldwiseError as error:
            self.error = error
        except Killed:
            pass
        finally:
            self.is_done = True
            self._arrived.release()

    def _before_call(self) -> None:
        self._arrived.release()
        self._go.acquire()
        if self._is_killed:
            raise Killed

    def make_calls(self, number: int | None = None) -> int:
        """Makes so many calls, or all that are left; returns how many it made."""
        for made in range(number) if number is not None else count():
            if self.is_done:
                return made
            self._go.release()
            self._arrived.acquire()
        return number or 0

    def kill(self) -> None:
        """The process ends before its next call."""
        self._is_killed = True
        self.make_calls()


def version(run_id: str) -> str:
    return version_name("embeddings", NOW, run_id)


def roll_back(store: ModelStore) -> str:
    return store.roll_back(version("b"), "an operator").version


def promote(store: ModelStore) -> str:
    return store.promote(version("e"), "a run", version("d")).version


def prune_all(store: ModelStore) -> tuple[str, ...]:
    return prune(store, [version(run_id) for run_id in "bcde"])


@pytest.fixture
def bodies(store: ModelStore) -> dict[str, bytes]:
    """An old version b; c, live before d; d, which is live; and e, which passed the gate and is about to be promoted."""
    for run_id in "bcde":
        sealed_version(store, run_id)
    store.promote(version("c"), "a run", None)
    store.promote(version("d"), "a run", version("c"))
    return {key: store.objects.get(key).body for key in store.objects.keys("")}


def check(bodies: dict[str, bytes], mover: Actor, target: str, cache: Path) -> None:
    """The pointer is on a whole version, the move was made or refused, and the next prune finishes an interrupted one."""
    store = store_of(bodies)
    live = store.published().pointer
    store.fetch(live.version, store.manifest(live.version, live.manifest_sha256).files, cache, workers=1)
    if mover.error is not None:
        assert isinstance(mover.error, PromotionRefused | VersionNotFound | CorruptVersion)
        assert live.version == version("d")
    elif mover.result is not None:
        assert live.version == mover.result == target
    prune(store, live.pruning)
    assert store.published().pointer.pruning == ()
    names = {key.partition("/")[0] for key in bodies if VERSION_NAME.match(key)}
    assert names >= {live.version, live.previous}
    assert all(f"{name}/{MANIFEST}" in bodies for name in names)


@pytest.mark.parametrize(("move", "target"), [(roll_back, "b"), (promote, "e")], ids=["rollback", "promotion"])
@pytest.mark.parametrize("is_prune_first", [True, False], ids=["prune-first", "move-first"])
def test_a_prune_and_a_move_that_interleave_at_any_call_leave_a_whole_version_live(
    bodies: dict[str, bytes], tmp_path: Path, move: Callable[[ModelStore], str], target: str, is_prune_first: bool
) -> None:
    actions = (prune_all, move) if is_prune_first else (move, prune_all)
    lengths = [Actor(dict(bodies), action).make_calls() for action in actions]
    outcomes = set()

    for after, meanwhile, is_killed in product(range(lengths[0] + 1), range(lengths[1] + 1), (False, True)):
        world = dict(bodies)
        first = Actor(world, actions[0])
        first.make_calls(after)
        second = Actor(world, actions[1])
        second.make_calls(meanwhile)
        first.make_calls()
        if is_killed:
            second.kill()
        else:
            second.make_calls()
        mover = second if is_prune_first else first
        outcomes.add(type(mover.error))
        check(world, mover, version(target), tmp_path / "cache")

    assert min(lengths) >= 5
    assert type(None) in outcomes
    assert outcomes & {PromotionRefused, VersionNotFound}


def put_into_shadow(store: ModelStore) -> str:
    return set_shadow(store, version("b"), 0.1, "an operator").version


def prune_old(store: ModelStore) -> tuple[str, ...]:
    return prune(store, [version("b")])


def test_a_prune_and_a_shadow_that_interleave_at_any_call_leave_no_shadow_of_a_deleted_version(bodies: dict[str, bytes]) -> None:
    lengths = [Actor(dict(bodies), action).make_calls() for action in (prune_old, put_into_shadow)]
    outcomes = set()

    for after, meanwhile in product(*(range(length + 1) for length in lengths)):
        for is_prune_first in (True, False):
            world = dict(bodies)
            pruning, shadowing = Actor(world, prune_old), Actor(world, put_into_shadow)
            pruning.make_calls(after)
            shadowing.make_calls(meanwhile)
            for actor in (pruning, shadowing) if is_prune_first else (shadowing, pruning):
                actor.make_calls()
            is_whole = all(f"{version('b')}/{file}" in world for file in (MANIFEST, *FILES))
            in_use = read_shadow(store_of(world).objects)
            outcomes.add((in_use.is_on, is_whole, type(shadowing.error)))
            assert is_whole or not in_use.is_on
            assert in_use.is_on == (shadowing.error is None)
            assert store_of(world).published().pointer.pruning == ()

    assert {(is_on, is_whole) for is_on, is_whole, _ in outcomes} >= {(True, True), (False, False)}
    assert {error for *_, error in outcomes} >= {SettingsError, VersionNotFound}


def test_two_prunes_at_once_end_as_one(bodies: dict[str, bytes]) -> None:
    for after in range(Actor(dict(bodies), prune_all).make_calls() + 1):
        world = dict(bodies)
        first, second = Actor(world, prune_all), Actor(world, prune_all)
        first.make_calls(after)
        second.make_calls()
        first.make_calls()

        assert (first.error, second.error) == (None, None)
        assert {key.partition("/")[0] for key in world if VERSION_NAME.match(key)} == {version("c"), version("d")}
        assert store_of(world).published().pointer.pruning == ()


def test_the_manifest_is_what_a_prune_deletes_first(bodies: dict[str, bytes]) -> None:
    """A version without one is no version."""
    actor = Actor(bodies, lambda store: prune(store, [version("b")]))
    before, deleted = set(bodies), list[str]()
    while not actor.is_done:
        actor.make_calls(1)
        deleted += sorted(before - set(bodies) - set(deleted))

    assert deleted == [f"{version('b')}/{MANIFEST}", f"{version('b')}/index.faiss", f"{version('b')}/meta.json"]
