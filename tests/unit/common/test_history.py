from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.versions import sealed_version

from fieldwise_common.errors import CorruptVersion, StoreError
from fieldwise_common.store import model_store
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.layout import HISTORY
from fieldwise_common.store.manifest import as_json
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.prune import prune


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(FolderObjects(tmp_path / "store"))


def test_every_move_is_in_the_history_with_who_when_why_from_and_to(store: ModelStore) -> None:
    first, second = sealed_version(store, "a"), sealed_version(store, "b")
    before = datetime.now(UTC)

    store.promote(first, "run a", None)
    store.promote(second, "run b", first)
    store.roll_back(first, "ada", "it fills birthdays wrong")
    store.roll_back(second, "ada")

    moves = store.history()
    assert [(m.kind, m.previous, m.version, m.promoted_by, m.reason) for m in moves] == [
        ("promoted", None, first, "run a", "good enough"),
        ("promoted", first, second, "run b", "good enough"),
        ("rolled back", second, first, "ada", "it fills birthdays wrong"),
        ("rolled back", first, second, "ada", "good enough"),
    ]
    times = [m.promoted_at for m in moves]
    assert before <= times[0]
    assert times == sorted(set(times))
    assert [m.manifest_sha256 for m in moves[:2]] == [m.manifest_sha256 for m in (moves[2], moves[3])]


def test_the_history_survives_a_prune(store: ModelStore) -> None:
    names = [sealed_version(store, run_id) for run_id in "abc"]
    for name, before in zip(names, (None, *names), strict=False):
        store.promote(name, "a run", before)

    prune(store, names[:1])

    assert store.versions() == tuple(sorted(names[1:]))
    assert [move.version for move in store.history()] == names


def test_a_clock_that_is_behind_changes_no_order(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sealed_version(store, "a"), sealed_version(store, "b")
    store.promote(first, "a", None)

    class Behind(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) - timedelta(days=1)

    monkeypatch.setattr(model_store, "datetime", Behind)
    store.promote(second, "b", first)

    assert [move.version for move in store.history()] == [first, second]


class Killed(BaseException):
    """The end of the process."""


class Dying(FolderObjects):
    """A folder whose process ends before its write number `writes`, counted from 0, or fails at it."""

    def __init__(self, root: Path, writes: int, end: type[BaseException]) -> None:
        super().__init__(root)
        self._left, self._end = writes, end

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        self._left -= 1
        if self._left == -1:
            raise self._end
        return super().put_if(key, body, etag)


@pytest.mark.parametrize("writes", range(4))
def test_a_process_that_dies_between_any_two_writes_loses_no_move_and_invents_none(store: ModelStore, tmp_path: Path, writes: int) -> None:
    first, second, third = (sealed_version(store, run_id) for run_id in "abc")
    store.promote(first, "a", None)
    for key in list(store.objects.keys(HISTORY)):
        store.objects.delete([key])  # as after a crash before it was recorded
    dying = ModelStore(Dying(tmp_path / "store", writes, Killed))

    try:
        dying.promote(second, "b", first)
    except Killed:
        assert writes < 3
    live = store.published().pointer.version
    made = [move.version for move in store.history()]
    store.promote(third, "c", live)

    assert made == ([first, second] if writes >= 2 else [first])
    assert live == made[-1]
    assert [move.version for move in store.history()] == [*made, third]
    assert len(list(store.objects.keys(HISTORY))) == len(made) + 1


def test_a_move_whose_predecessor_can_not_be_recorded_is_not_made_and_one_that_can_not_be_recorded_itself_is(
    store: ModelStore, tmp_path: Path
) -> None:
    first, second = sealed_version(store, "a"), sealed_version(store, "b")
    store.promote(first, "a", None)

    with pytest.raises(StoreError):
        ModelStore(Dying(tmp_path / "store", 0, StoreError)).promote(second, "b", first)
    assert store.published().pointer.version == first

    ModelStore(Dying(tmp_path / "store", 2, StoreError)).promote(second, "b", first)
    assert [move.version for move in store.history()] == [first, second]


def test_a_pointer_of_an_earlier_release_is_the_first_move(store: ModelStore) -> None:
    first, second = sealed_version(store, "a"), sealed_version(store, "b")
    pointer = store.promote(first, "a", None)
    store.objects.delete(list(store.objects.keys(HISTORY)))
    earlier = pointer.model_dump_json(exclude={"kind", "reason", "pruning", "prunes"})
    store.objects.put("latest", earlier.encode())

    store.promote(second, "b", first)

    assert [(move.version, move.kind, move.reason) for move in store.history()] == [
        (first, "promoted", ""),
        (second, "promoted", "good enough"),
    ]


def test_a_record_that_is_damaged_is_named(store: ModelStore) -> None:
    store.promote(sealed_version(store, "a"), "a", None)
    (key,) = store.objects.keys(HISTORY)
    store.objects.put(key, b"{")

    with pytest.raises(CorruptVersion, match=f"{key} can't be parsed"):
        store.history()


def test_a_record_is_never_overwritten(store: ModelStore) -> None:
    pointer = store.promote(sealed_version(store, "a"), "a", None)
    (key,) = store.objects.keys(HISTORY)

    store.promote(pointer.version, "again", None)

    assert store.objects.get(key).body == as_json(pointer)
    assert list(store.objects.keys(HISTORY)) == [key]


def test_an_empty_store_has_no_history(store: ModelStore) -> None:
    assert store.history() == ()
