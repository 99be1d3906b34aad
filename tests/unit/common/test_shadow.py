import hashlib
from pathlib import Path

import pytest
from tests.support.tiny_version import folder_store, publish

from fieldwise_common.errors import CorruptVersion, SettingsError, VersionNotFound
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.shadow import NO_SHADOW, end_shadow, read_shadow, set_shadow


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return folder_store(tmp_path / "models")


@pytest.fixture
def candidate(objects: FolderObjects, tmp_path: Path) -> str:
    """An earlier version, which is not live."""
    name = publish(objects, tmp_path, "candidate")
    publish(objects, tmp_path, "live")
    return name


def test_a_sealed_version_is_put_into_shadow_with_its_manifest_and_taken_out(objects: FolderObjects, candidate: str) -> None:
    store = ModelStore(objects)

    before = read_shadow(objects)
    put = set_shadow(store, candidate, 0.25, "an operator")

    assert before == NO_SHADOW
    assert read_shadow(objects) == put
    assert (put.version, put.share, put.by, put.is_on) == (candidate, 0.25, "an operator", True)
    assert put.manifest_sha256 == hashlib.sha256(objects.get(f"{candidate}/manifest.json").body).hexdigest()
    ended = end_shadow(store, "another")
    assert read_shadow(objects) == ended
    assert (ended.version, ended.by, ended.is_on) == ("", "another", False)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(objects: FolderObjects, candidate: str, share: float) -> None:
    with pytest.raises(SettingsError, match="must be above 0 and at most 1"):
        set_shadow(ModelStore(objects), candidate, share, "an operator")


def test_only_a_sealed_version_that_is_not_live_can_be_in_shadow(objects: FolderObjects, candidate: str) -> None:
    store = ModelStore(objects)

    with pytest.raises(SettingsError, match="is live"):
        set_shadow(store, store.published().pointer.version, 0.1, "an operator")
    with pytest.raises(VersionNotFound, match="was never sealed"):
        set_shadow(store, "embeddings_v20200101T000000Z-000000", 0.1, "an operator")
    assert read_shadow(objects) == NO_SHADOW


def test_a_damaged_setting_is_named(objects: FolderObjects) -> None:
    objects.put("shadow.json", b'{"share": 7}')

    with pytest.raises(CorruptVersion, match=r"shadow\.json can't be parsed: 1 wrong values"):
        read_shadow(objects)
