import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from httpx import Client
from numpy.typing import NDArray
from tests.support.issuer import Issuer
from tests.support.tiny_version import DIMENSION, publish
from tests.unit.inference.conftest import classify

from fieldwise_common.observability import metrics
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.wire import MAX_BODY_BYTES as MAX_CLIENT_BYTES
from fieldwise_common.wire import ClassifyRequest, KnownField, MlClassifyRequest, dump
from fieldwise_inference.app import MAX_BODY_BYTES
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.health import health_of
from fieldwise_inference.serving.holder import VersionHolder

ROUTES = [("POST", "/ml/classify"), ("POST", "/ml/fill"), ("POST", "/ml/debug/threshold"), ("POST", "/reload"), ("GET", "/elsewhere")]


def test_a_form_is_classified_with_a_decision_for_every_field(client: Client, version: str) -> None:
    body = classify(client, {"selector": "#a", "label": "First name"}, {"selector": "#b", "type": "submit", "label": "Send"})

    assert body["model_version"] == version
    assert [(m["selector"], m["canonical"]) for m in body["matches"]] == [("#a", "given-name")]
    assert {d["selector"]: d["decision"] for d in body["decisions"]} == {"#a": "accepted", "#b": "ignored"}
    assert metrics.metric_set["FieldsClassified"]["Value"] == [2.0]
    assert metrics.metric_set["FieldsAccepted"]["Value"] == [1.0]


def test_the_parts_of_a_request_are_timed_and_the_live_version_is_reported(
    client: Client, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    classify(client, {"selector": "#a", "label": "the name you were given"})

    assert {"StoreTime", "EmbedTime", "SearchTime"} <= set(metrics.metric_set)
    assert metrics.metric_set["ModelAgeDays"]["Value"][0] >= 0
    live = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ModelVersionLive" in line]
    assert [line["model_version"] for line in live] == [version]


def test_matches_from_classify_can_be_sent_to_fill_unchanged(client: Client, version: str) -> None:
    body = classify(client, {"selector": "#a", "label": "First name", "maxlength": 20}, {"selector": "#b", "label": "Last name"})

    response = client.post("/ml/fill", json={"matches": body["matches"], "user_profile": {"given-name": "Ada"}})

    assert response.status_code == 200
    assert [(f["selector"], f["value"], f["confidence"]) for f in response.json()["fills"]] == [("#a", "Ada", "high")]
    assert [(u["selector"], u["reason"]) for u in response.json()["unfilled"]] == [("#b", "no-value")]
    assert "warning" not in response.json()["fills"][0]
    assert metrics.metric_set["FillCount"]["Value"] == [1.0]
    assert metrics.metric_set["UnfilledCount"]["Value"] == [1.0]


def test_the_threshold_of_a_field_is_explained(client: Client, version: str) -> None:
    response = client.post("/ml/debug/threshold", json={"field": {"selector": "#a", "label": "First name"}})

    assert response.status_code == 200
    assert response.json()["canonical"] == "given-name"
    assert response.json()["context"]["text_length"] == len("First name")


BAD_FIELDS: dict[str, dict[str, Any]] = {
    "hidden": {"type": "hidden", "label": "First name"},
    "file": {"type": "file", "label": "First name"},
    "without any text": {},
    "very long": {"label": "First name " * 1000},
    "NUL": {"label": "First\x00 name\x00"},
    "emoji": {"label": "👩‍💻🎉"},
    "right to left": {"label": "الاسم الأول \u202e\u200f"},
    "lone surrogate": {"label": "First \ud800 name"},
    "odd numbers": {"label": "First name", "maxlength": "many", "required": "required"},
    "nulls": {"label": None, "name": None, "options": None, "maxlength": None, "type": None},
    "unknown keys": {"label": "First name", "value": "Augusta", "xpath": "//input"},
}


@pytest.mark.parametrize("kind", BAD_FIELDS)
def test_malformed_fields_do_not_affect_the_others(kind: str, client: Client, version: str) -> None:
    body = classify(client, {"selector": "#good", "label": "Last name"}, {"selector": "#odd", **BAD_FIELDS[kind]})

    assert "family-name" in [m["canonical"] for m in body["matches"]]
    assert {d["selector"] for d in body["decisions"]} == {"#good", "#odd"}
    assert "Augusta" not in json.dumps(body)


def test_of_two_equal_selectors_the_first_is_used(client: Client, version: str) -> None:
    body = classify(client, {"selector": "#a", "label": "First name"}, {"selector": "#a", "label": "Email"})

    assert [m["canonical"] for m in body["matches"]] == ["given-name"]
    assert [d["decision"] for d in body["decisions"]] == ["accepted", "ignored"]


@pytest.mark.parametrize(
    ("path", "content", "status", "culprit"),
    [
        ("/ml/classify", b"{", 400, "JSON"),
        ("/ml/classify", b"[" * 100_000, 400, "JSON"),
        ("/ml/classify", b"1" * 5_000, 400, "JSON"),
        ("/ml/classify", b"\xff{}", 400, "JSON"),
        ("/ml/classify", b"", 422, "Field required"),
        ("/ml/classify", b"null", 422, "/"),
        ("/ml/classify", b"[]", 422, "/"),
        ("/ml/classify", b"{}", 422, "/fields"),
        ("/ml/classify", b'{"fields":[]}', 422, "/fields"),
        ("/ml/classify", b'{"fields":"all"}', 422, "/fields"),
        ("/ml/fill", b'{"matches":[{"selector":"#a","canonical":"email","score":NaN}],"user_profile":{}}', 422, "/matches/0/score"),
        ("/ml/fill", b'{"matches":[]}', 422, "/user_profile"),
        ("/ml/fill", b'{"matches":[],"user_profile":{"email":["a@b.c"]}}', 422, "/user_profile/email"),
        ("/ml/debug/threshold", b'{"canonical":"email"}', 422, "/field"),
    ],
)
def test_an_invalid_body_is_refused_naming_the_field(
    path: str, content: bytes, status: int, culprit: str, client: Client, version: str
) -> None:
    response = client.post(path, content=content, headers={"content-type": "application/json"})

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert culprit in response.text
    assert "a@b.c" not in response.text


def test_a_body_over_the_limit_is_refused_before_parsing(client: Client, version: str) -> None:
    response = client.post("/ml/fill", content=b" " * (MAX_BODY_BYTES + 1))

    assert response.status_code == 413


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_but_health_needs_a_token(method: str, path: str, client: Client, version: str) -> None:
    response = client.request(method, path, headers={"authorization": ""}, content=b"not even JSON")

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_every_forged_token_is_refused(client: Client, issuer: Issuer, version: str) -> None:
    for kind, token in issuer.forgeries().items():
        response = client.post("/ml/classify", json={"fields": [{"selector": "#a"}]}, headers={"authorization": f"Bearer {token}"})

        assert response.status_code == 401, kind


def test_before_the_first_training_every_response_is_no_version_published(client: Client) -> None:
    classified = client.post("/ml/classify", json={"fields": [{"selector": "#a"}]})
    health = client.get("/ml/health", headers={"authorization": ""})

    assert classified.status_code == 503
    assert classified.json()["type"] == "urn:fieldwise:problem:no-version-published"
    assert "retry-after" in classified.headers
    assert health.status_code == 503
    assert health.json()["model_version"] is None
    assert "no version published yet" in health.json()["error"]
    assert client.post("/reload").status_code == 503


def test_health_is_open_and_names_the_version(client: Client, version: str) -> None:
    response = client.get("/ml/health", headers={"authorization": ""})

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "model_version": version, "encoder": {"precision": "fp32"}}


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ({"precision": "int8-weights"}, None),
        ({"precision": "int8"}, "its vectors depend on the processor: train a new version with build-index"),
        ({"precision": "fp32", "fallback": "the exact encoder was taken instead"}, "the exact encoder was taken instead"),
    ],
)
def test_health_reports_the_encoders_precision_and_caveat_and_the_version_serves(
    settings: dict[str, str], note: str | None, client: Client, objects: FolderObjects, tmp_path: Path
) -> None:
    described = {"dimension": DIMENSION, "max_tokens": 16, "base_model": "tiny", **settings}
    publish(objects, tmp_path / "scratch", instead={"encoder.json": json.dumps(described).encode()})

    health = client.get("/ml/health")

    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert health.json()["encoder"] == {"precision": settings["precision"], **({"note": note} if note else {})}
    assert classify(client, {"selector": "#a", "label": "First name"})["matches"]


def test_health_does_not_reveal_where_the_store_is(client: Client, objects: FolderObjects, tmp_path: Path) -> None:
    objects.put("latest", b"{}")
    (tmp_path / "models" / "latest").unlink()
    (tmp_path / "models" / "latest").symlink_to(tmp_path / "elsewhere")

    response = client.get("/ml/health")

    assert response.status_code == 503
    assert str(tmp_path) not in response.text


class EmptyIndex:
    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[Neighbour]]:
        return [[] for _ in vectors]


def test_health_reports_what_is_wrong_with_the_served_version(holder: VersionHolder, version: str) -> None:
    broken = replace(holder.current(), index=EmptyIndex())

    found = health_of(SimpleNamespace(current=lambda: broken, last_error=None, overrides_error=None))

    assert found.model_version == version
    assert found.error == "index.faiss finds no neighbour"


def test_the_largest_form_that_a_client_may_send_is_accepted_as_the_backend_sends_it(client: Client, version: str) -> None:
    options = [f"Option {number}" for number in range(65_000)]
    body = json.dumps({"fields": [{"selector": "#a", "label": "Country", "type": "select", "options": options}]}, separators=(",", ":"))
    remembered = tuple(KnownField(signature="a" * 300, canonical="tel") for _ in range(300))
    sent = MlClassifyRequest(fields=ClassifyRequest.model_validate_json(body).fields, remembered=remembered)

    response = client.post("/ml/classify", json=dump(sent))

    assert 900_000 < len(body) < MAX_CLIENT_BYTES
    assert response.status_code == 200


def test_a_bug_is_a_problem_without_its_message(
    client: Client, version: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def buggy(*_: object) -> None:
        raise RuntimeError("tell-nobody")

    monkeypatch.setattr("fieldwise_inference.routes.health_of", buggy)

    response = client.get("/ml/health")

    assert (response.status_code, response.json()["type"]) == (500, "urn:fieldwise:problem:internal")
    [logged] = [record for record in caplog.records if record.getMessage() == "unhandled error"]
    assert logged.__dict__["error"] == "RuntimeError"
    assert "tell-nobody" not in response.text + str(logged.__dict__)


def test_an_answer_has_a_length_in_bytes_and_no_absent_values(client: Client, version: str) -> None:
    response = client.post("/ml/classify", json={"fields": [{"selector": "#é", "label": "First name"}]})

    assert int(response.headers["content-length"]) == len(response.content)
    assert "null" not in response.text


def test_unknown_paths_and_methods_are_problems_too(client: Client, version: str) -> None:
    assert client.get("/elsewhere").json()["type"] == "urn:fieldwise:problem:no-such-route"
    assert client.get("/ml/classify").status_code == 405
