import threading
from pathlib import Path

import pytest

from fieldwise_common.errors import StoreError
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.manifest import entry_of
from fieldwise_common.store.objects import ObjectMissing, PreconditionMissed


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path / "store")


def test_deleting_leaves_no_empty_folder_and_a_missing_object_is_no_error(objects: FolderObjects, tmp_path: Path) -> None:
    for key in ("v/data/a", "v/b", "w/c"):
        objects.put(key, b"12")

    size = objects.size("v/")
    objects.delete(["v/data/a", "v/b", "v/never"])

    assert size == 4
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["w"]


def test_an_object_is_read_back_with_its_etag(objects: FolderObjects) -> None:
    etag = objects.put("a/b.json", b"{}")

    assert (objects.get("a/b.json").body, objects.get("a/b.json").etag) == (b"{}", etag)
    assert objects.get_if_changed("a/b.json", etag) is None
    changed = objects.get_if_changed("a/b.json", '"older"')
    assert changed is not None
    assert changed.body == b"{}"


def test_reading_a_missing_key_in_any_way_is_an_error(objects: FolderObjects, tmp_path: Path) -> None:
    objects.put("folder/file", b"")

    for read in (
        lambda: objects.get("gone"),
        lambda: objects.get("folder"),
        lambda: objects.get_if_changed("gone", '"x"'),
        lambda: objects.download("gone", tmp_path / "here"),
        lambda: objects.copy("gone", "there"),
    ):
        with pytest.raises(ObjectMissing):
            read()


def test_a_conditional_write_succeeds_only_with_the_current_etag(objects: FolderObjects) -> None:
    first = objects.put_if("latest", b"1", None)
    second = objects.put_if("latest", b"2", first)

    for stale in (None, first):
        with pytest.raises(PreconditionMissed):
            objects.put_if("latest", b"3", stale)

    assert objects.get("latest").body == b"2"
    assert objects.get("latest").etag == second


def test_a_conditional_write_to_a_missing_key_fails(objects: FolderObjects) -> None:
    with pytest.raises(PreconditionMissed):
        objects.put_if("latest", b"1", '"was-here"')


def test_of_concurrent_conditional_writes_exactly_one_wins(objects: FolderObjects) -> None:
    etag = objects.put("latest", b"start")
    won: list[int] = []

    def write(number: int) -> None:
        try:
            objects.put_if("latest", str(number).encode(), etag)
        except PreconditionMissed:
            return
        won.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert objects.get("latest").body == str(won[0]).encode()


def test_files_are_uploaded_downloaded_and_copied(objects: FolderObjects, tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"content")

    objects.upload("v1/file", tmp_path / "here")
    objects.copy("v1/file", "v2/deep/file")
    downloaded = objects.download("v2/deep/file", tmp_path / "back")

    assert (tmp_path / "back").read_bytes() == b"content"
    assert downloaded == entry_of(tmp_path / "here")


def test_keys_and_children_are_sorted_and_without_partial_files(objects: FolderObjects) -> None:
    for key in ("v2/b", "v1/a", "v1/deep/c", "latest"):
        objects.put(key, b"")
    objects.put("v1/.a.123.partial", b"")

    assert list(objects.keys("")) == ["latest", "v1/a", "v1/deep/c", "v2/b"]
    assert list(objects.keys("v1/")) == ["v1/a", "v1/deep/c"]
    assert list(objects.children("")) == ["v1", "v2"]
    assert list(objects.children("v1/")) == ["deep"]


def test_an_empty_store_has_no_keys(objects: FolderObjects) -> None:
    assert list(objects.keys("")) == []


def test_a_key_outside_the_store_is_refused(objects: FolderObjects) -> None:
    with pytest.raises(StoreError, match="outside the store"):
        objects.put("../outside", b"")
