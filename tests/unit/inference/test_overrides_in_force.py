"""When an override takes effect, and what happens when the stored ones can't be used."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from tests.support.tiny_version import publish

from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.layout import OVERRIDES
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.overrides import Override, Overrides
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.serving.holder import VersionHolder

SITE = "0123456789abcdef"
ORIGIN = "https://shop.example"
FIELD = FieldDescriptor(selector="#a", label="Phone", name="phone")
OTHER = FieldDescriptor(selector="#b", label="A field that is gone", name="gone")


def override(canonical: str, field: FieldDescriptor = FIELD) -> Override:
    [signature] = signatures([FieldView(field)], ORIGIN)
    at = datetime(2026, 11, 29, tzinfo=UTC)
    return Override(site=SITE, origin=ORIGIN, signature=str(signature), canonical=canonical, by="root", at=at, why="a test")


def store(objects: FolderObjects, *overrides: Override) -> None:
    objects.put(OVERRIDES, Overrides(overrides=overrides).model_dump_json().encode())


def ask(client: Client, site: str = SITE) -> list[tuple[str, str]]:
    body = {"fields": [FIELD.model_dump(mode="json")], "page": {"origin": ORIGIN}, "site": site}
    answer: dict[str, Any] = client.post("/ml/classify", content=json.dumps(body), headers={"content-type": "application/json"}).json()
    return [(match["canonical"], match["method"]) for match in answer["matches"]]


def test_an_override_takes_effect_at_the_next_poll_on_its_site_alone(client: Client, objects: FolderObjects, version: str) -> None:
    before = ask(client)
    store(objects, override("given-name"))
    not_polled_yet = ask(client)

    client.post("/reload")

    assert [canonical for canonical, _ in before] == ["tel"]
    assert before == not_polled_yet
    assert ask(client) == [("given-name", "override")]
    assert ask(client, site="fedcba9876543210") == before


@pytest.fixture
def polling(objects: FolderObjects, tmp_path: Path) -> VersionHolder:
    return VersionHolder(ModelStore(objects), tmp_path / "cache", poll_seconds=0)


def test_it_is_there_from_the_first_version_on_and_stays_with_the_next(
    client: Client, objects: FolderObjects, tmp_path: Path, version: str
) -> None:
    store(objects, override("given-name"))
    assert ask(client) == [("given-name", "override")]

    publish(objects, tmp_path / "scratch", "second", {"given-name": ("Phone",), "tel": ("Telephone",)})
    client.post("/reload")

    assert ask(client) == [("given-name", "override")]


def test_a_removed_override_and_removed_overrides_have_no_effect_any_more(
    polling: VersionHolder, objects: FolderObjects, tmp_path: Path, version: str
) -> None:
    store(objects, override("given-name"), override("email", OTHER))
    assert len(polling.current().overrides_of(SITE)) == 2

    store(objects, override("email", OTHER))
    assert list(polling.current().overrides_of(SITE)) == [override("email", OTHER).signature]

    (tmp_path / "models" / OVERRIDES).unlink()
    assert polling.current().overrides == {}


def test_an_override_for_a_field_that_no_longer_exists_changes_nothing(client: Client, objects: FolderObjects, version: str) -> None:
    before = ask(client)
    store(objects, override("email", OTHER))
    client.post("/reload")

    assert ask(client) == before


@pytest.mark.parametrize("body", [b"{", b'{"overrides": [{}]}', b"\xff"])
def test_overrides_that_cant_be_read_are_refused_by_name_and_those_in_force_stay(
    body: bytes, client: Client, objects: FolderObjects, version: str
) -> None:
    store(objects, override("given-name"))
    ask(client)
    objects.put(OVERRIDES, body)
    client.post("/reload")

    health = client.get("/ml/health")
    assert ask(client) == [("given-name", "override")]
    assert (health.status_code, OVERRIDES in health.json()["error"]) == (503, True)

    store(objects, override("email"))
    client.post("/reload")
    assert client.get("/ml/health").status_code == 200
    assert ask(client) == [("email", "override")]


def test_an_override_is_in_force_though_a_newer_version_was_refused(
    client: Client, objects: FolderObjects, tmp_path: Path, version: str
) -> None:
    ask(client)
    publish(objects, tmp_path / "scratch", "second", {"given-name": ("Phone",)}, damage={"index.faiss": b""})
    store(objects, override("email"))

    assert client.post("/reload").status_code == 503
    assert ask(client) == [("email", "override")]
    assert client.get("/ml/health").status_code == 503
