from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fieldwise_common.errors import CorruptVersion, NoVersionPublished, PromotionConflict, PromotionRefused, SettingsError, VersionNotFound
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.manifest import FileEntry, Manifest, Verdict, entry_of, version_name
from fieldwise_common.store.model_store import ModelStore, drop_unused, open_store

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(FolderObjects(tmp_path / "store"))


def manifest(run_id: str, files: Mapping[str, FileEntry] | None = None, is_good: bool = True) -> Manifest:
    return Manifest(
        version=version_name("embeddings", NOW, run_id),
        created_at=NOW,
        mode="build-index",
        parent=None,
        code_version="test",
        run_id=run_id,
        files=files or {},
        data={},
        parameters={},
        metrics={},
        verdict=Verdict(promote=is_good, reason="too weak"),
    )


def with_files(store: ModelStore, scratch: Path, run_id: str = "a") -> Manifest:
    """A sealed version of two files."""
    scratch.mkdir()
    made = manifest(run_id)
    entries = {}
    for name in ("meta.json", "index.faiss"):
        (scratch / name).write_text(f"{run_id} {name}")
        store.objects.upload(f"{made.version}/{name}", scratch / name)
        entries[name] = entry_of(scratch / name)
    made = made.model_copy(update={"files": entries})
    store.seal(made)
    return made


def test_names_sort_by_time_and_the_same_run_gets_the_same_suffix() -> None:
    later = version_name("embeddings", NOW.replace(hour=11), "a")

    assert version_name("embeddings", NOW, "a") == "embeddings_v20261122T101500Z-ca9781"
    assert sorted((later, version_name("embeddings", NOW, "b"))) == [version_name("embeddings", NOW, "b"), later]
    assert later[-6:] == "ca9781"


def test_an_empty_store_has_nothing_published(store: ModelStore) -> None:
    with pytest.raises(NoVersionPublished, match="no version published yet"):
        store.published()
    with pytest.raises(NoVersionPublished, match="the pointer is gone"):
        store.published_if_changed('"etag"')
    assert store.published_or_none() is None


def test_a_promoted_version_is_published_with_the_hash_of_its_manifest(store: ModelStore) -> None:
    sha256 = store.seal(manifest("a"))

    pointer = store.promote(manifest("a").version, "run a", None)

    published = store.published()
    assert published.pointer == pointer
    assert (pointer.manifest_sha256, pointer.previous, pointer.promoted_by) == (sha256, None, "run a")
    assert store.published_if_changed(published.etag) is None
    assert store.published_if_changed('"older"') == published
    assert store.manifest(pointer.version, pointer.manifest_sha256) == manifest("a")


def test_the_second_of_two_concurrent_promotions_fails_with_a_conflict(store: ModelStore) -> None:
    first, second, third = (manifest(run_id) for run_id in "abc")
    for made in (first, second, third):
        store.seal(made)
    store.promote(first.version, "a", None)

    store.promote(second.version, "b", first.version)
    with pytest.raises(PromotionConflict, match=f"{third.version} was not promoted: {second.version} is live by now, not {first.version}"):
        store.promote(third.version, "c", first.version)

    assert store.published().pointer.version == second.version
    assert store.published().pointer.previous == first.version


def test_of_two_concurrent_first_promotions_only_one_wins(store: ModelStore) -> None:
    for run_id in "ab":
        store.seal(manifest(run_id))
    store.promote(manifest("a").version, "a", None)

    with pytest.raises(PromotionConflict):
        store.promote(manifest("b").version, "b", None)


def test_promoting_the_live_version_changes_nothing(store: ModelStore) -> None:
    store.seal(manifest("a"))
    pointer = store.promote(manifest("a").version, "a", None)

    assert store.promote(manifest("a").version, "again", manifest("a").version) == pointer
    assert store.promote(manifest("a").version, "a repeated step, instead of what was live at its first try", None) == pointer


def test_a_rejected_version_is_not_promoted(store: ModelStore) -> None:
    store.seal(manifest("a", is_good=False))

    with pytest.raises(PromotionRefused, match="rejected by the gate: too weak"):
        store.promote(manifest("a").version, "a", None)


def test_rolling_back_promotes_an_earlier_version_again(store: ModelStore, tmp_path: Path) -> None:
    first = with_files(store, tmp_path / "a").version
    store.seal(manifest("b"))
    store.promote(first, "a", None)
    store.promote(manifest("b").version, "b", first)

    pointer = store.roll_back(first, "an operator")

    assert (pointer.version, pointer.previous, pointer.promoted_by) == (first, manifest("b").version, "an operator")
    assert store.published().pointer == pointer


def test_rolling_back_to_a_damaged_version_is_refused_and_the_pointer_stays(store: ModelStore, tmp_path: Path) -> None:
    damaged = with_files(store, tmp_path / "a").version
    store.seal(manifest("b"))
    store.promote(manifest("b").version, "b", None)
    store.objects.put(f"{damaged}/meta.json", b"{}")

    with pytest.raises(CorruptVersion, match=f"{damaged}/meta.json differs from its manifest"):
        store.roll_back(damaged, "an operator")

    assert store.published().pointer.version == manifest("b").version


def test_rolling_back_to_a_missing_or_rejected_version_is_refused(store: ModelStore) -> None:
    store.seal(manifest("bad", is_good=False))

    with pytest.raises(VersionNotFound):
        store.roll_back(manifest("never").version, "an operator")
    with pytest.raises(VersionNotFound, match="is not a version's name"):
        store.roll_back("../latest", "an operator")
    with pytest.raises(PromotionRefused, match="rejected by the gate: too weak"):
        store.roll_back(manifest("bad").version, "an operator")


def test_a_sealed_version_can_be_sealed_again_only_without_changes(store: ModelStore) -> None:
    sha256 = store.seal(manifest("a"))

    assert store.seal(manifest("a")) == sha256
    with pytest.raises(PromotionConflict, match="is already sealed with another manifest"):
        store.seal(manifest("a", is_good=False))
    assert store.manifest(manifest("a").version).verdict.promote is True


@pytest.mark.parametrize("name", ["../latest", "embeddings_v1", "", "latest"])
def test_an_invalid_version_name_is_refused_without_reading_the_store(store: ModelStore, name: str) -> None:
    with pytest.raises(VersionNotFound, match="is not a version's name"):
        store.manifest(name)


def test_an_unsealed_version_has_no_manifest(store: ModelStore) -> None:
    name = manifest("a").version
    store.objects.put(f"{name}/meta.json", b"{}")

    with pytest.raises(VersionNotFound, match=f"{name} has no manifest: it is missing or was never sealed"):
        store.manifest(name)
    with pytest.raises(VersionNotFound):
        store.promote(name, "a", None)
    assert store.versions() == (name,)


def test_a_manifest_whose_hash_differs_from_the_expected_one_is_refused(store: ModelStore) -> None:
    store.seal(manifest("a"))

    with pytest.raises(CorruptVersion, match="is not the one the pointer names"):
        store.manifest(manifest("a").version, "0" * 64)


@pytest.mark.parametrize("body", [b"", b"{", b"{}"])
def test_a_damaged_manifest_or_pointer_is_named(store: ModelStore, body: bytes) -> None:
    store.objects.put(f"{manifest('a').version}/manifest.json", body)
    store.objects.put("latest", body)

    with pytest.raises(CorruptVersion, match=r"manifest\.json can't be parsed"):
        store.manifest(manifest("a").version)
    with pytest.raises(CorruptVersion, match="the pointer can't be parsed"):
        store.published()


def test_a_manifest_under_another_versions_name_is_refused(store: ModelStore) -> None:
    store.seal(manifest("a"))
    store.objects.copy(f"{manifest('a').version}/manifest.json", f"{manifest('b').version}/manifest.json")

    with pytest.raises(CorruptVersion, match=f"is the manifest of {manifest('a').version}"):
        store.manifest(manifest("b").version)


def test_fetched_files_are_verified_and_cached_by_their_content(store: ModelStore, tmp_path: Path) -> None:
    made = with_files(store, tmp_path / "made")

    paths = store.fetch(made.version, made.files, tmp_path / "cache")

    assert paths["meta.json"].read_text() == "a meta.json"
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {entry.sha256 for entry in made.files.values()}


def test_files_with_the_same_content_are_fetched_in_parallel(store: ModelStore, tmp_path: Path) -> None:
    names = [f"{number}.json" for number in range(20)]
    (tmp_path / "same").write_text("{}")
    for name in names:
        store.objects.upload(f"{manifest('a').version}/{name}", tmp_path / "same")

    paths = store.fetch(manifest("a").version, dict.fromkeys(names, entry_of(tmp_path / "same")), tmp_path / "cache")

    assert {path.read_text() for path in paths.values()} == {"{}"}
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_cached_file_is_not_fetched_again_unless_it_is_damaged(store: ModelStore, tmp_path: Path) -> None:
    made = with_files(store, tmp_path / "made")
    paths = store.fetch(made.version, made.files, tmp_path / "cache")
    paths["index.faiss"].write_text("damaged")
    store.objects.put(f"{made.version}/meta.json", b"never read")

    again = store.fetch(made.version, made.files, tmp_path / "cache")

    assert again["index.faiss"].read_text() == "a index.faiss"


@pytest.mark.parametrize("body", [b"", b"a index.fais", b"A index.faiss", b"a index.faiss and more"])
def test_a_truncated_or_altered_file_is_refused_by_name_and_leaves_nothing_behind(store: ModelStore, tmp_path: Path, body: bytes) -> None:
    made = with_files(store, tmp_path / "made")
    store.objects.put(f"{made.version}/index.faiss", body)

    with pytest.raises(CorruptVersion, match=f"{made.version}/index.faiss differs from its manifest"):
        store.fetch(made.version, made.files, tmp_path / "cache", workers=1)

    assert not list((tmp_path / "cache").glob("*.partial"))
    assert made.files["index.faiss"].sha256 not in {path.name for path in (tmp_path / "cache").iterdir()}


def test_a_missing_file_is_refused_by_name(store: ModelStore, tmp_path: Path) -> None:
    made = with_files(store, tmp_path / "made")
    (tmp_path / "store" / made.version / "meta.json").unlink()

    with pytest.raises(CorruptVersion, match=f"{made.version}/meta.json is missing"):
        store.fetch(made.version, made.files, tmp_path / "cache")


def test_dropping_cached_files_keeps_those_in_use(tmp_path: Path) -> None:
    for name in ("kept", "dropped"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder").mkdir()

    drop_unused(tmp_path, [tmp_path / "kept"])

    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_store_is_opened_by_its_address(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.seal(manifest("a"))

    assert (tmp_path / manifest("a").version / "manifest.json").is_file()


@pytest.mark.parametrize("uri", ["https://bucket/models", "s3://", "s3:///models"])
def test_an_invalid_store_address_is_refused(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"is neither s3://bucket/prefix nor a folder"):
        open_store(uri)


def test_reading_a_pointer_again_after_it_moved_gives_the_new_one(store: ModelStore) -> None:
    for run_id in "ab":
        store.seal(manifest(run_id))
    store.promote(manifest("a").version, "a", None)
    before = store.published()
    store.promote(manifest("b").version, "b", manifest("a").version)

    after = store.published_if_changed(before.etag)

    assert after is not None
    assert after.pointer.version == manifest("b").version
