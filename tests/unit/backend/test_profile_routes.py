import json
from pathlib import Path

import boto3
import pytest
from fastapi.testclient import TestClient
from tests.support.issuer import Issuer
from tests.unit.backend.conftest import TABLE, Lines

EXAMPLE = Path(__file__).parents[3] / "examples" / "profile.json"
CANARY = "tell-nobody"


def put(api: TestClient, **document: object) -> str:
    answer = api.put("/api/profile", json=document)
    assert answer.status_code == 200
    return str(answer.headers["etag"])


def test_a_missing_profile_is_a_404(api: TestClient) -> None:
    answer = api.get("/api/profile")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:fieldwise:problem:not-found")


def test_a_profile_is_stored_and_read_back_with_its_etag(api: TestClient) -> None:
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))

    stored = api.put("/api/profile", json=document)
    found = api.get("/api/profile")

    assert stored.json() == found.json()
    assert found.json()["name"] == document["name"]
    assert found.json()["job_preferences"]["work_authorization"] == "Yes"
    assert stored.headers["etag"] == found.headers["etag"]
    assert found.headers["etag"].startswith('"')


def test_put_replaces_everything(api: TestClient) -> None:
    put(api, username="ada", name={"given": "Ada"})

    put(api, username="countess")

    assert api.get("/api/profile").json() == {"username": "countess"}


def test_patch_merges_removes_and_replaces_lists(api: TestClient) -> None:
    before = put(api, username="ada", name={"given": "Ada", "family": "King"}, work_history=[{"title": "a"}, {"title": "b"}])

    answer = api.patch(
        "/api/profile",
        content=json.dumps({"username": None, "name": {"family": "Lovelace"}, "work_history": [{"title": "c"}]}),
        headers={"content-type": "application/merge-patch+json", "if-match": before},
    )

    assert answer.status_code == 200
    assert answer.json() == {"name": {"given": "Ada", "family": "Lovelace"}, "work_history": [{"title": "c"}]}
    assert answer.headers["etag"] == api.get("/api/profile").headers["etag"] != before


def test_patch_creates_a_missing_profile(api: TestClient) -> None:
    assert api.patch("/api/profile", json={"birthday": "1991-04-07"}).json() == {"birthday": "1991-04-07"}


def test_a_patch_with_an_invalid_result_is_refused_and_changes_nothing(api: TestClient) -> None:
    put(api, username="ada")

    refused = [api.patch("/api/profile", json=patch).status_code for patch in ({"card": "4111"}, ["ada"], "ada", {"name": "Ada"})]

    assert refused == [422] * 4
    assert api.get("/api/profile").json() == {"username": "ada"}


def test_delete_removes_the_profile_and_may_be_repeated(api: TestClient) -> None:
    put(api, username="ada")

    assert api.delete("/api/profile").status_code == 204
    assert api.get("/api/profile").status_code == 404
    assert api.delete("/api/profile").status_code == 204
    assert boto3.client("dynamodb").scan(TableName=TABLE)["Count"] == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("if_match", "is_done"), [("{etag}", True), ('"other", {etag}', True), ("*", True), ('"other"', False), ("W/{etag}", False)]
)
def test_a_change_needs_the_stored_etag_in_if_match(api: TestClient, method: str, if_match: str, is_done: bool) -> None:
    etag = put(api, username="ada")
    body = None if method == "DELETE" else {"username": "countess"}

    answer = api.request(method, "/api/profile", json=body, headers={"If-Match": if_match.format(etag=etag)})

    assert answer.is_success == is_done
    if not is_done:
        assert (answer.status_code, answer.json()["type"]) == (412, "urn:fieldwise:problem:precondition-failed")
        assert api.get("/api/profile").json() == {"username": "ada"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_if_match_fails_without_a_stored_profile(api: TestClient, method: str) -> None:
    answer = api.request(method, "/api/profile", json=None if method == "DELETE" else {}, headers={"If-Match": "*"})

    assert answer.status_code == 412


def test_if_none_match_prevents_a_put_from_replacing(api: TestClient) -> None:
    first = api.put("/api/profile", json={"username": "ada"}, headers={"If-None-Match": "*"})
    second = api.put("/api/profile", json={"username": "countess"}, headers={"If-None-Match": "*"})

    assert (first.status_code, second.status_code) == (200, 412)
    assert api.get("/api/profile").json() == {"username": "ada"}


@pytest.mark.parametrize("tag", ["{etag}", "W/{etag}", "*"])
def test_an_unchanged_profile_is_a_304(api: TestClient, tag: str) -> None:
    etag = put(api, username="ada")

    answer = api.get("/api/profile", headers={"If-None-Match": tag.format(etag=etag)})

    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert api.get("/api/profile", headers={"If-None-Match": '"old"'}).status_code == 200


def test_another_users_profile_is_not_accessible(api: TestClient, issuer: Issuer) -> None:
    put(api, username="ada")
    eve = {"Authorization": f"Bearer {issuer.token(sub='eve')}"}

    assert api.get("/api/profile", headers=eve).status_code == 404
    assert api.put("/api/profile", headers=eve, json={"owner": "ada"}).status_code == 422
    assert api.delete("/api/profile?owner=ada", headers=eve).status_code == 204
    assert api.get("/api/profile").json() == {"username": "ada"}


def test_an_invalid_profile_is_refused_by_key_and_its_values_are_repeated_nowhere(api: TestClient, logged: Lines) -> None:
    answer = api.put("/api/profile", json={"contact": {"email": CANARY}, "card": {"number": CANARY}, "birthday": CANARY})

    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/contact/email", "/birthday", "/card"]
    assert CANARY not in answer.text + logged.everything()


def test_a_profile_too_big_for_the_table_is_refused(api: TestClient) -> None:
    answer = api.put("/api/profile", json={"work_history": [{"description": "x" * 9_000}] * 40})

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:fieldwise:problem:request-too-large")


def test_a_failing_table_is_a_503_without_the_profile(api: TestClient, logged: Lines) -> None:
    boto3.client("dynamodb").delete_table(TableName=TABLE)

    answers = [api.get("/api/profile"), api.put("/api/profile", json={"username": CANARY}), api.delete("/api/profile")]

    assert [a.status_code for a in answers] == [503] * 3
    assert {a.json()["type"] for a in answers} == {"urn:fieldwise:problem:store-unavailable"}
    assert CANARY not in logged.everything()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"1", b"{", b'{"name": ' * 400 + b"1" + b"}" * 400, b'{"name": ' + b"[" * 400 + b"]" * 400 + b"}", b'{"\\ud800": 1}'],
    ids=lambda body: str(body[:12]),
)
def test_a_body_that_is_not_a_profile_is_a_client_error(api: TestClient, method: str, body: bytes) -> None:
    answer = api.request(method, "/api/profile", content=body, headers={"content-type": "application/merge-patch+json"})

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
