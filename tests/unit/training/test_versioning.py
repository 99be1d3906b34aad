from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.tiny_version import folder_store, publish

from fieldwise_common.errors import CorruptVersion, PromotionConflict, VersionNotFound
from fieldwise_common.store.manifest import Manifest, Verdict, entry_of, version_name
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.release.versioning import Draft, promote, roll_back

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(folder_store(tmp_path / "store"))


def sealed(store: ModelStore, run_id: str, is_good: bool = True) -> str:
    name = version_name("embeddings", NOW, run_id)
    draft = Draft(store, name)
    draft.write("meta.json", run_id)
    store.seal(
        Manifest(
            version=name,
            created_at=NOW,
            mode="build-index",
            parent=None,
            code_version="test",
            run_id=run_id,
            files=draft.entries({}),
            data={},
            parameters={},
            metrics={},
            verdict=Verdict(promote=is_good, reason="because"),
        )
    )
    return name


def live(store: ModelStore) -> str | None:
    published = store.published_or_none()
    return published.pointer.version if published is not None else None


def test_what_one_step_stores_another_reads(store: ModelStore, tmp_path: Path) -> None:
    draft = Draft(store, version_name("embeddings", NOW, "a"))
    (tmp_path / "made" / "model").mkdir(parents=True)
    (tmp_path / "made" / "model" / "config.json").write_text("{}")

    draft.write("data/canonical.json", "é")
    draft.upload(tmp_path / "made")

    assert draft.read("data/canonical.json") == "é"
    assert draft.download(["model/config.json"], tmp_path)["model/config.json"].read_text() == "{}"
    assert set(draft.entries({})) == {"data/canonical.json", "model/config.json"}
    assert draft.sealed() is None


def test_a_file_no_step_stored_is_named(store: ModelStore, tmp_path: Path) -> None:
    draft = Draft(store, version_name("embeddings", NOW, "a"))

    with pytest.raises(CorruptVersion, match=f"{draft.version}/meta.json is missing"):
        draft.read("meta.json")
    with pytest.raises(CorruptVersion, match=f"{draft.version}/meta.json is missing"):
        draft.download(["meta.json"], tmp_path)


def test_a_file_taken_over_must_be_what_the_parent_says_it_is(store: ModelStore) -> None:
    parent = sealed(store, "parent")
    expected = store.manifest(parent).files
    child = Draft(store, version_name("embeddings", NOW, "child"))
    child.copy_from(parent, ["meta.json"])

    assert child.entries(expected) == expected

    store.objects.put(f"{parent}/meta.json", b"parenz")
    child.copy_from(parent, ["meta.json"])
    with pytest.raises(CorruptVersion, match=r"meta\.json differs from the manifest of the version it was taken from"):
        child.entries(expected)


def test_the_first_version_is_promoted_where_there_is_no_pointer(store: ModelStore) -> None:
    name = sealed(store, "a")

    pointer = promote(store, name, "a", None)

    assert (pointer.version, pointer.previous, live(store)) == (name, None, name)


def test_promoting_twice_changes_nothing(store: ModelStore) -> None:
    name = sealed(store, "a")

    assert promote(store, name, "a", None) == promote(store, name, "a", None)


def test_who_read_the_pointer_before_it_moved_loses_and_says_so(store: ModelStore) -> None:
    first, second = sealed(store, "a"), sealed(store, "b")
    promote(store, first, "a", None)

    with pytest.raises(PromotionConflict, match=f"{second} was not promoted: somebody else moved the pointer first"):
        promote(store, second, "b", None)

    assert live(store) == first


def test_rolling_back_moves_the_pointer_and_remembers_where_it_was(store: ModelStore) -> None:
    first, second = sealed(store, "a"), sealed(store, "b")
    promote(store, first, "a", None)
    promote(store, second, "b", store.published().etag)

    pointer = roll_back(store, first, "somebody")

    assert (live(store), pointer.previous, pointer.promoted_by) == (first, second, "somebody")


def test_rolling_back_to_a_damaged_version_is_refused_and_the_pointer_stays(tmp_path: Path) -> None:
    objects = folder_store(tmp_path / "store")
    damaged = publish(objects, tmp_path, "first", damage={"meta.json": b"{}"})
    good = publish(objects, tmp_path, "second")

    with pytest.raises(CorruptVersion, match=f"{damaged}/meta.json differs from its manifest"):
        roll_back(ModelStore(objects), damaged, "somebody")

    assert live(ModelStore(objects)) == good


def test_rolling_back_to_what_is_missing_or_was_rejected_is_refused(store: ModelStore) -> None:
    rejected = sealed(store, "bad", is_good=False)

    with pytest.raises(VersionNotFound):
        roll_back(store, version_name("embeddings", NOW, "never"), "somebody")
    with pytest.raises(VersionNotFound, match="is not a version's name"):
        roll_back(store, "../latest", "somebody")
    with pytest.raises(PromotionConflict, match="rejected by the gate: because"):
        roll_back(store, rejected, "somebody")


def test_entries_are_the_hashes_of_what_is_stored(store: ModelStore, tmp_path: Path) -> None:
    name = sealed(store, "a")
    (tmp_path / "same").write_text("a")

    assert store.manifest(name).files == {"meta.json": entry_of(tmp_path / "same")}
