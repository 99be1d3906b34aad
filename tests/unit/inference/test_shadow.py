"""A candidate in shadow: when it is asked, and that nothing that happens to it reaches the live answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from tests.support.tiny_version import publish
from tests.unit.inference.test_overrides_in_force import ORIGIN, SITE, override
from tests.unit.inference.test_overrides_in_force import store as store_overrides

from fieldwise_common.observability import metrics
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.shadow import end_shadow, set_shadow
from fieldwise_inference.serving import shadow
from fieldwise_inference.serving.holder import VersionHolder
from fieldwise_inference.serving.shadow import MAX_FAILURES

NEWER = {"nickname": ("Phone",), "given-name": ("First name",)}


@pytest.fixture
def candidate(objects: FolderObjects, tmp_path: Path) -> str:
    """A version that takes a phone for a nickname; the live one, published later, does not."""
    name = publish(objects, tmp_path / "scratch", "candidate", NEWER)
    publish(objects, tmp_path / "scratch", "live")
    return name


def ask(client: Client, label: str = "Phone", site: str = "") -> dict[str, Any]:
    body = {"fields": [{"selector": "#a", "label": label, "name": "phone"}], "page": {"origin": ORIGIN}, "site": site}
    response = client.post("/ml/classify", content=json.dumps(body), headers={"content-type": "application/json"})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def live_part(answer: Mapping[str, Any]) -> tuple[str, list[str]]:
    return answer["model_version"], [match["canonical"] for match in answer["matches"]]


def put_into_shadow(client: Client, objects: FolderObjects, version: str, share: float = 1.0) -> None:
    set_shadow(ModelStore(objects), version, share, "a test")
    assert client.post("/reload").status_code == 200


def counted(name: str) -> list[float]:
    values: list[float] = metrics.metric_set.get(name, {}).get("Value", [])
    return values


def test_a_candidate_decides_beside_the_live_version(client: Client, objects: FolderObjects, candidate: str) -> None:
    before = ask(client)
    put_into_shadow(client, objects, candidate)

    answer = ask(client)

    assert "shadow" not in before
    assert live_part(answer) == live_part(before)
    assert live_part(answer)[1] == ["tel"]
    [decided] = answer["shadow"]["decisions"]
    assert answer["shadow"]["model_version"] == candidate
    assert (decided["position"], decided["predicted"], decided["decision"]) == (0, "nickname", "accepted")
    assert client.get("/ml/health").json()["shadow"] == {"model_version": candidate, "is_asked": True}
    end_shadow(ModelStore(objects), "a test")
    client.post("/reload")
    assert "shadow" not in ask(client)
    assert "shadow" not in client.get("/ml/health").json()


def test_overrides_hold_for_the_candidate_too(client: Client, objects: FolderObjects, candidate: str) -> None:
    store_overrides(objects, override("given-name"))
    put_into_shadow(client, objects, candidate)

    answer = ask(client, site=SITE)

    assert [d["predicted"] for d in (*answer["decisions"], *answer["shadow"]["decisions"])] == ["given-name", "given-name"]


def test_a_share_of_the_requests_is_chosen_by_their_ids(client: Client, objects: FolderObjects, candidate: str) -> None:
    put_into_shadow(client, objects, candidate, share=0.5)

    answers = [ask(client) for _ in range(40)]

    chosen = ["shadow" in answer for answer in answers]
    assert chosen == [int(answer["request_id"][:8], 16) / 16**8 < 0.5 for answer in answers]
    assert len(set(chosen)) == 2


def test_equal_encoder_files_are_loaded_once_and_both_versions_stay_in_the_cache(
    client: Client, objects: FolderObjects, holder: VersionHolder, candidate: str, tmp_path: Path
) -> None:
    put_into_shadow(client, objects, candidate)

    assert holder.shadow._candidate is not None
    assert holder._live is not None
    assert holder.shadow._candidate.encoder is holder._live.version.encoder
    cached = {path.name for path in (tmp_path / "cache").iterdir()}
    assert cached == {path.name for path in (*holder._live.files.values(), *holder.shadow.files.values())}
    assert len(cached) > len(holder._live.files)
    end_shadow(ModelStore(objects), "a test")
    client.post("/reload")
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {path.name for path in holder._live.files.values()}


def test_a_candidate_that_crashes_leaves_the_live_answer_unharmed_and_is_switched_off(
    client: Client, objects: FolderObjects, candidate: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = ask(client)
    put_into_shadow(client, objects, candidate)
    asked = []

    def crash(*_: object) -> None:
        asked.append(1)
        raise ZeroDivisionError("Phone")

    monkeypatch.setattr(shadow, "classify", crash)
    metrics.clear_metrics()

    answers = [ask(client) for _ in range(MAX_FAILURES + 2)]

    assert all("shadow" not in answer and live_part(answer) == live_part(before) for answer in answers)
    assert len(asked) == MAX_FAILURES
    assert counted("ShadowFailed") == [1.0] * MAX_FAILURES
    failures = [record for record in caplog.records if record.getMessage().startswith("shadow failed")]
    assert [vars(record)["error"] for record in failures] == ["ZeroDivisionError"] * MAX_FAILURES
    assert [vars(record)["switched_off"] for record in failures] == [False] * (MAX_FAILURES - 1) + [True]
    assert not any("Phone" in str(vars(record)) for record in failures)
    assert client.get("/ml/health").json()["shadow"]["is_asked"] is False
    monkeypatch.undo()
    assert "shadow" not in ask(client)
    put_into_shadow(client, objects, candidate)
    assert "shadow" in ask(client)


def test_a_success_ends_a_row_of_failures(client: Client, objects: FolderObjects, candidate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put_into_shadow(client, objects, candidate)

    for _ in range(3):
        with monkeypatch.context() as broken:
            broken.setattr(shadow, "classify", lambda *_: 1 / 0)
            for _ in range(MAX_FAILURES - 1):
                ask(client)
        assert "shadow" in ask(client)


@pytest.mark.parametrize("damage", ["ranker.npz", "encoder.onnx", "manifest.json"])
def test_a_candidate_that_can_not_be_loaded_does_not_stop_the_live_version(
    client: Client, objects: FolderObjects, candidate: str, damage: str
) -> None:
    set_shadow(ModelStore(objects), candidate, 1.0, "a test")
    objects.put(f"{candidate}/{damage}", b"damaged")
    metrics.clear_metrics()

    answer = ask(client)

    if damage == "encoder.onnx":  # the same file as the live version's, which is in the cache
        assert "shadow" in answer
    else:
        assert "shadow" not in answer
        assert counted("ShadowFailed") == [1.0]
    assert live_part(answer)[1] == ["tel"]
    assert client.get("/ml/health").status_code == 200


def test_a_damaged_setting_does_not_stop_the_live_version(client: Client, objects: FolderObjects, candidate: str) -> None:
    objects.put("shadow.json", b'{"version":')
    metrics.clear_metrics()

    assert live_part(ask(client))[1] == ["tel"]
    assert counted("ShadowFailed") == [1.0]


def test_a_request_that_took_long_is_not_decided_twice(
    client: Client, objects: FolderObjects, candidate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_into_shadow(client, objects, candidate)
    monkeypatch.setattr(shadow, "MAX_LIVE_SECONDS", 0.0)

    assert "shadow" not in ask(client)


def test_a_candidate_that_is_too_slow_counts_as_failed(
    client: Client, objects: FolderObjects, candidate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_into_shadow(client, objects, candidate)
    monkeypatch.setattr(shadow, "MAX_SHADOW_SECONDS", 0.0)
    metrics.clear_metrics()

    assert live_part(ask(client))[1] == ["tel"]
    assert counted("ShadowFailed") == [1.0]


def test_a_candidate_that_goes_live_is_not_asked_beside_itself(client: Client, objects: FolderObjects, candidate: str) -> None:
    put_into_shadow(client, objects, candidate)
    ModelStore(objects).roll_back(candidate, "a test")
    client.post("/reload")

    answer = ask(client)

    assert live_part(answer) == (candidate, ["nickname"])
    assert "shadow" not in answer
