import json

import pytest
from fastapi.testclient import TestClient
from tests.support.server import Answer, Server
from tests.unit.backend.answers import CLASSIFIED


@pytest.mark.parametrize(
    ("body", "status", "culprit"),
    [
        (b"not json", 400, "not-json"),
        (b"\xff\xfe", 400, "not-json"),
        (b"[" * 100_000, 400, "http-error"),
        (b"{}", 422, "/fields"),
        (b'{"fields": []}', 422, "/fields"),
        (b'{"fields": "all"}', 422, "/fields"),
        (b"[]", 422, "/"),
        (b'{"fields": [{"selector": "' + b"a" * 1_000_000 + b'"}]}', 413, "1,000,000 bytes"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_classify_request_is_refused_naming_the_field(api: TestClient, body: bytes, status: int, culprit: str) -> None:
    answer = api.post("/api/autofill/classify", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert culprit in answer.text


def test_more_matches_than_a_form_can_have_are_refused(api: TestClient) -> None:
    answer = api.post("/api/autofill/fill", json={"matches": [{"selector": f"#{n}", "canonical": "email"} for n in range(301)]})

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:fieldwise:problem:request-too-large")
    assert answer.json()["errors"][0]["pointer"] == "/matches"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_nan_and_infinity_cause_no_server_error(api: TestClient, server: Server, number: str) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)
    field = f'{{"selector": {number}, "label": {number}, "maxlength": {number}, "required": {number}, "options": [{number}]}}'
    match = f'{{"selector": "#a", "canonical": "email", "score": {number}}}'
    as_json = {"content-type": "application/json"}

    classified = api.post("/api/autofill/classify", content=f'{{"fields": [{field}]}}', headers=as_json)
    filled = api.post("/api/autofill/fill", content=f'{{"matches": [{match}]}}', headers=as_json)
    stored = api.put("/api/profile", content=f'{{"job_preferences": {{"years_of_experience": {number}}}}}', headers=as_json)

    assert (classified.status_code, filled.status_code, stored.status_code) == (200, 422, 422)
    assert filled.json()["errors"][0]["pointer"] == "/matches/0/score"


def test_odd_page_content_is_accepted(api: TestClient, server: Server) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)
    fields = [
        {"selector": "a", "type": "hidden", "maxlength": -1},
        {"selector": "b", "label": "👩‍💻 اسم\x00" + "x" * 10_000, "required": "required"},
        {"selector": "c", "options": ["one", 2, None, {"value": None, "text": "three"}], "type": "select-one"},
        {"selector": "d", "label": "\ud83d", "extra": {"deep": [1]}},
    ]

    body = json.dumps({"fields": fields, "page": None})
    answer = api.post("/api/autofill/classify", content=body, headers={"content-type": "application/json"})

    sent = server.last("/ml/classify").json()["fields"]
    assert answer.status_code == 200
    assert len(sent[1]["label"]) == 512
    assert "\x00" not in sent[1]["label"]
    assert [o["text"] for o in sent[2]["options"]] == ["one", "2", "three"]


def test_a_body_without_a_content_type_is_read_as_json(api: TestClient, server: Server) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)

    answer = api.post("/api/autofill/classify", content=b'{"fields": [{"selector": "#mail"}]}')

    assert answer.status_code == 200


def test_a_profile_of_absurd_dates_and_empty_lists_is_stored_and_fills_what_is_left(api: TestClient, server: Server) -> None:
    server.answers["/ml/fill"] = Answer(body={"fills": [], "unfilled": []})
    absurd = {
        "birthday": "9999-12-31",
        "work_history": [{"title": "Clerk", "start_date": "2022", "end_date": "1999-01"}, {"start_date": "0001", "is_current": True}],
        "education": [{"start_date": "9999-12", "end_date": "0001"}, {}],
        "projects": [],
        "address": {"street": [], "house_number": "x" * 512, "country": "NL"},
        "name": {"kana": {}, "second_family": "y" * 512},
    }

    stored = api.put("/api/profile", json=absurd)
    filled = api.post("/api/autofill/fill", json={"matches": []})

    values = server.last("/ml/fill").json()["user_profile"]
    assert (stored.status_code, filled.status_code) == (200, 200)
    assert values["organization-title#1"] == "Clerk"
    assert not {key for key in values if key.startswith(("bday", "age", "job-start-date#1", "job-end", "education", "project"))}
