from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.tiny_version import folder_store

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store.manifest import Manifest, Verdict, entry_of, version_name
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.release.draft import Draft

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(folder_store(tmp_path / "store"))


def sealed(store: ModelStore, run_id: str) -> str:
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
            verdict=Verdict(promote=True, reason="because"),
        )
    )
    return name


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


def test_a_missing_file_is_named(store: ModelStore, tmp_path: Path) -> None:
    draft = Draft(store, version_name("embeddings", NOW, "a"))

    with pytest.raises(CorruptVersion, match=f"{draft.version}/meta.json is missing"):
        draft.read("meta.json")
    with pytest.raises(CorruptVersion, match=f"{draft.version}/meta.json is missing"):
        draft.download(["meta.json"], tmp_path)


def test_a_file_copied_from_the_parent_must_be_as_in_its_manifest(store: ModelStore) -> None:
    parent = sealed(store, "parent")
    expected = store.manifest(parent).files
    child = Draft(store, version_name("embeddings", NOW, "child"))
    child.copy_from(parent, ["meta.json"])

    assert child.entries(expected) == expected

    store.objects.put(f"{parent}/meta.json", b"parenz")
    child.copy_from(parent, ["meta.json"])
    with pytest.raises(CorruptVersion, match=r"meta\.json differs from the manifest of the version it was copied from"):
        child.entries(expected)


def test_entries_are_the_hashes_of_what_is_stored(store: ModelStore, tmp_path: Path) -> None:
    name = sealed(store, "a")
    (tmp_path / "same").write_text("a")

    assert store.manifest(name).files == {"meta.json": entry_of(tmp_path / "same")}
