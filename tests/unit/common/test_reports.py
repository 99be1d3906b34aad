from pathlib import Path

import pytest
from tests.support.tiny_version import folder_store, publish

from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.store.manifest import Manifest, Verdict, as_json
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.reports import read_report

PAGE = b"<!doctype html>"


def published(tmp_path: Path, **more: dict[str, bytes]) -> tuple[ModelStore, str]:
    objects = folder_store(tmp_path / "store")
    return ModelStore(objects), publish(objects, tmp_path, instead={"report.html": PAGE}, **more)


def test_the_newest_version_is_shown_by_default_with_its_verdict(tmp_path: Path) -> None:
    store, name = published(tmp_path)
    store.objects.put("embeddings_v20990101T000000Z-000000/meta.json", b"{}")  # still in training
    store.objects.put("smoketest_v20990101T000000Z-000000/manifest.json", b"{}")

    found = read_report(store)

    assert (found.version, found.page) == (name, PAGE)
    assert found.verdict == f"{name} (good enough, live): a test's version"


def test_a_rejected_version_can_be_looked_at_by_its_name(tmp_path: Path) -> None:
    store, name = published(tmp_path)
    manifest = Manifest.model_validate_json(store.objects.get(f"{name}/manifest.json").body)
    rejected = manifest.model_copy(
        update={"version": "embeddings_v20200101T000000Z-000000", "verdict": Verdict(promote=False, reason="worse")}
    )
    store.objects.put(f"{rejected.version}/report.html", PAGE)
    store.objects.put(f"{rejected.version}/manifest.json", as_json(rejected))

    assert read_report(store, rejected.version).verdict == f"{rejected.version} (not promoted): worse"


@pytest.mark.parametrize(
    ("version", "message"), [("nonsense", "not a version's name"), ("embeddings_v20200101T000000Z-000000", "missing or was never sealed")]
)
def test_a_version_that_does_not_exist_is_named(tmp_path: Path, version: str, message: str) -> None:
    store, _ = published(tmp_path)

    with pytest.raises(VersionNotFound, match=message):
        read_report(store, version)


def test_without_a_version_it_is_clear_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(VersionNotFound, match="run a training first"):
        read_report(ModelStore(folder_store(tmp_path)))


def test_a_version_without_a_report_and_a_damaged_one_are_two_errors(tmp_path: Path) -> None:
    without = ModelStore(folder_store(tmp_path / "without"))
    publish(without.objects, tmp_path / "without")
    damaged, _ = published(tmp_path, damage={"report.html": b"<html>"})

    with pytest.raises(VersionNotFound, match=r"has no report\.html"):
        read_report(without)
    with pytest.raises(CorruptVersion, match=r"report\.html differs from its manifest"):
        read_report(damaged)
