from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Tracer
from fastapi.testclient import TestClient
from tests.support.issuer import ISSUER
from tests.support.server import Answer, Server
from tests.unit.backend.answers import CLASSIFIED, DECISION, MATCH, UNSURE
from tests.unit.backend.conftest import BUCKET, SECRET, STREAM, Lines

from fieldwise_common.decision_log import LogRow, decode, site_hash, user_hash
from fieldwise_common.wire import Match

CANARY = "tell-nobody"

THRESHOLD = {
    "field": {"selector": "#mail", "type": "email"},
    "canonical": "email",
    "threshold": 0.55,
    "base_threshold": 0.6,
    "confidence_signals": ["type matches: -0.05"],
    "context": {"field_type": "email", "pattern_matches": ["email"], "is_ambiguous": False, "text_length": 6, "required": True},
    "decision": {
        "decision": "accepted",
        "predicted": "email",
        "method": "ranker",
        "score": 0.97,
        "threshold_used": 0.7,
        "confidence_signals": ["lexical:label=email"],
        "candidates": [{"canonical": "email", "score": 0.97, "threshold_used": 0.7}],
    },
    "signature": "0123456789-0123456789-0",
}


def logged_rows() -> list[LogRow]:
    s3 = boto3.client("s3")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    return [row for key in keys for row in decode(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode(), key)]


def post(api: TestClient, act: str, body: object) -> Any:
    return api.post(f"/api/autofill/{act}", json=body)


def test_classify_returns_the_matches_without_the_decisions(api: TestClient, server: Server) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)

    answer = post(api, "classify", {"fields": [{"selector": "#mail"}]})

    assert answer.status_code == 200
    assert answer.json() == {"matches": [MATCH], "model_version": "embeddings_v1"}


def test_classify_forwards_the_token_and_the_whole_request(api: TestClient, server: Server) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)
    field = {"selector": "#mail", "label": "E-mail", "name": "m", "id": "m1", "autocomplete": "email", "required": True}

    post(api, "classify", {"fields": [{**field, "value": CANARY}, {"selector": "#mail"}], "page": {"origin": "https://shop.example"}})

    asked = server.last("/ml/classify")
    assert asked.headers["authorization"] == api.headers["Authorization"]
    sent = asked.json()["fields"][0]
    assert {key: sent[key] for key in field} == field
    assert [f["selector"] for f in asked.json()["fields"]] == ["#mail", "#mail"]
    assert asked.json()["page"] == {"origin": "https://shop.example"}
    assert sent == field  # without the keys that have their default
    assert asked.json()["site"] == site_hash(b"a-key-for-tests", "https://shop.example")
    assert CANARY.encode() not in asked.body


def test_classify_logs_one_row_for_every_decision(api: TestClient, server: Server) -> None:
    first, second = {**DECISION, "position": 0, "signature": "a-b-0"}, {**UNSURE, "position": 1}
    server.answers["/ml/classify"] = Answer(body={**CLASSIFIED, "decisions": [first, second], "request_id": "r-1"})
    fields = [{"selector": "#mail", "label": "E-mail", "value": CANARY, "options": [{"text": "x" * 100}]}, {"selector": "#q"}]

    post(api, "classify", {"fields": fields, "page": {"origin": f"https://shop.example/basket?user={CANARY}"}})

    accepted, unsure = logged_rows()
    assert accepted == LogRow(
        timestamp=accepted.timestamp,
        route="classify",
        selector="#mail",
        label="E-mail",
        placeholder="you@…",
        field_type="email",
        required="true",
        predicted="email",
        score="0.97",
        threshold_used="0.5",
        confidence_signals="label;type,email",
        decision="accepted",
        decision_id="d-1",
        user_hash=user_hash(b"a-key-for-tests", ISSUER, "ada"),
        origin="https://shop.example",
        model_version="embeddings_v1",
        method="lexical-exact",
        text="E-mail",
        request_id="r-1",
        position="0",
        signature="a-b-0",
        field='{"label": "E-mail", "options": [{"text": "' + "x" * 100 + '"}]}',
        site=site_hash(b"a-key-for-tests", "https://shop.example"),
    )
    assert (unsure.decision_id, unsure.decision, unsure.required) == ("d-2", "unsure", "false")
    assert (unsure.request_id, unsure.position, unsure.field) == ("r-1", "1", "{}")


def test_an_inference_of_an_earlier_release_is_logged_without_descriptions(api: TestClient, server: Server) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)

    post(api, "classify", {"fields": [{"selector": "#mail", "label": "E-mail"}, {"selector": "#q"}]})

    assert [(row.request_id, row.position, row.field) for row in logged_rows()] == [("", "", "")] * 2


def test_all_rows_of_a_request_are_in_one_log_object(api: TestClient, server: Server) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)

    post(api, "classify", {"fields": [{"selector": "#mail"}]})

    assert boto3.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


def test_fill_sends_the_flat_profile_and_returns_the_fills(api: TestClient, server: Server) -> None:
    fills = {
        "fills": [
            {
                "selector": "#mail",
                "canonical": "email",
                "value": "ada@example.com",
                "confidence": "high",
                "decision_id": "d-1",
                "action": "type",
            }
        ],
        "unfilled": [{"selector": "#tel", "canonical": "tel", "reason": "no-value", "decision_id": "d-2"}],
    }
    server.answers["/ml/fill"] = Answer(body=fills)
    api.put("/api/profile", json={"contact": {"email": "ada@example.com"}, "name": {"given": "Ada", "family": "King"}})

    answer = post(api, "fill", {"matches": [MATCH, {"selector": "#tel", "canonical": "tel"}]})

    assert (answer.status_code, answer.json()) == (200, fills)
    asked = server.last("/ml/fill")
    assert asked.json()["user_profile"]["email"] == "ada@example.com"
    assert asked.json()["user_profile"]["name"] == "Ada King"
    assert Match.model_validate(asked.json()["matches"][0]) == Match.model_validate(MATCH)
    assert asked.headers["authorization"] == api.headers["Authorization"]


def test_what_is_new_in_matches_and_fills_is_passed_on(api: TestClient, server: Server) -> None:
    field = {**MATCH["field"], "group": "Languages", "section": "You", "min": "1", "readonly": True, "multiple": True, "question": "d-1"}
    match = {**MATCH, "entry": 2, "field": field}
    chosen = {"value": "de", "values": ["de", "en"], "text": "German", "action": "choose", "entry": 2, "confidence": "high"}
    fill = {"selector": "#mail", "canonical": "email", "decision_id": "d-1", **chosen}
    server.answers["/ml/classify"] = Answer(body={**CLASSIFIED, "matches": [match]})
    server.answers["/ml/fill"] = Answer(body={"fills": [fill], "unfilled": []})

    classified = post(api, "classify", {"fields": [{"selector": "#mail"}]}).json()
    filled = post(api, "fill", {"matches": classified["matches"]}).json()

    assert classified["matches"] == [match]
    assert Match.model_validate(server.last("/ml/fill").json()["matches"][0]) == Match.model_validate(match)
    assert filled == {"fills": [fill], "unfilled": []}


def test_fill_logs_what_was_filled_and_never_the_value(api: TestClient, server: Server, logged: Lines) -> None:
    server.answers["/ml/fill"] = Answer(
        body={
            "fills": [{"selector": "#mail", "canonical": "email", "value": CANARY, "confidence": "high", "warning": CANARY}],
            "unfilled": [{"selector": "#tel", "canonical": "tel", "reason": "no-value"}],
        }
    )

    post(api, "fill", {"matches": [MATCH]})

    filled, unfilled = logged_rows()
    assert (filled.route, filled.predicted, filled.decision, filled.decision_id) == ("fill", "email", "filled", "d-1")
    assert (filled.label, filled.field_type, filled.method, filled.score) == ("E-mail", "email", "lexical-exact", "0.97")
    assert (unfilled.predicted, unfilled.decision) == ("tel", "unfilled:no-value")
    assert CANARY not in str([filled, unfilled]) + logged.everything()


def test_fill_without_a_profile_sends_an_empty_one(api: TestClient, server: Server) -> None:
    server.answers["/ml/fill"] = Answer(
        body={"fills": [], "unfilled": [{"selector": "#mail", "canonical": "email", "reason": "no-value", "decision_id": "d-1"}]}
    )

    answer = post(api, "fill", {"matches": [MATCH]})

    assert answer.status_code == 200
    assert server.last("/ml/fill").json()["user_profile"] == {}


def test_feedback_is_logged_with_its_origin_alone_and_without_the_value(api: TestClient, logged: Lines) -> None:
    body = {
        "selector": "#mail",
        "canonical": "none",
        "feedback": "incorrect",
        "corrected_to": "email",
        "decision_id": "d-1",
        "url": f"https://shop.example:8443/{CANARY}?q={CANARY}",
        "timestamp": "1999-01-01T00:00:00Z",
        "value": CANARY,
    }

    answer = post(api, "feedback", body)

    assert (answer.status_code, answer.json()) == (202, {"status": "accepted", "remembered": False})
    (row,) = logged_rows()
    assert row == LogRow(
        timestamp=row.timestamp,
        route="feedback",
        selector="#mail",
        predicted="none",
        decision="incorrect",
        decision_id="d-1",
        user_hash=user_hash(b"a-key-for-tests", ISSUER, "ada"),
        origin="https://shop.example:8443",
        corrected_to="email",
    )
    assert not row.timestamp.startswith("1999")
    assert CANARY not in logged.everything()


def test_feedback_of_the_original_client_is_accepted(api: TestClient) -> None:
    assert post(api, "feedback", {"selector": "#mail", "canonical": "email", "feedback": "correct", "value": "x", "url": None}).is_success


@pytest.mark.parametrize("key", ["canonical", "corrected_to", "decision_id", "feedback", "selector"])
def test_feedback_with_free_text_where_an_id_belongs_is_refused_without_repeating_it(api: TestClient, key: str) -> None:
    text = {"selector": ""}.get(key, "ada@example.com, 5 Long Road")
    body = {"selector": "#mail", "canonical": "email", "feedback": "correct", key: text}

    answer = post(api, "feedback", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{key}"
    assert "ada@example.com" not in answer.text
    assert logged_rows() == []


def test_the_threshold_debugger_forwards_request_and_response(api: TestClient, server: Server) -> None:
    server.answers["/ml/debug/threshold"] = Answer(body=THRESHOLD)

    answer = post(api, "debug/threshold", {"field": {"selector": "#mail", "type": "email"}, "canonical": "email"})

    assert (answer.status_code, answer.json()) == (200, THRESHOLD)
    assert server.last("/ml/debug/threshold").json()["canonical"] == "email"


def test_a_failing_stream_fails_no_request_and_leaves_the_rows_recoverable(
    api: TestClient, server: Server, logged: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)
    boto3.client("firehose").delete_delivery_stream(DeliveryStreamName=STREAM)

    answer = post(api, "classify", {"fields": [{"selector": "#mail"}]})

    assert answer.status_code == 200
    (line,) = logged.named("decision log failed")
    assert line.error == "ResourceNotFoundException"
    assert [row.decision_id for row in decode(line.rows, "the log line")] == ["d-1", "d-2"]
    assert '"DecisionLogFailed":[1.0]' in capsys.readouterr().out


def test_a_missing_hash_key_fails_no_request_and_is_counted(api: TestClient, logged: Lines, counted: dict[str, Any]) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    answer = post(api, "feedback", {"selector": "#mail", "canonical": "email", "feedback": "correct"})

    assert answer.status_code == 202
    assert [row.user_hash for row in logged_rows()] == [""]
    assert logged.named("the key of the user hashes can't be read")
    assert "UserHashFailed" in counted


def test_a_bug_is_reported_and_logged_without_user_data(
    api: TestClient, server: Server, logged: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError(CANARY)

    monkeypatch.setattr("fieldwise_backend.autofill.service.flatten", broken)

    answer = post(api, "fill", {"matches": []})

    assert (answer.status_code, answer.json()["type"]) == (500, "urn:fieldwise:problem:internal")
    assert CANARY not in answer.text + logged.everything()
    assert logged.named("unhandled error")[0].error == "KeyError"


def test_every_remote_call_of_a_request_is_traced(api: TestClient, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    tracer = Tracer(auto_patch=False, disabled=True)
    monkeypatch.setattr("fieldwise_common.observability._tracer", tracer)
    recorder: Any = tracer.provider
    begin, parts = recorder.begin_subsegment, []
    monkeypatch.setattr(recorder, "begin_subsegment", lambda name: parts.append(name) or begin(name))
    server.answers["/ml/classify"] = Answer(body=CLASSIFIED)

    post(api, "classify", {"fields": [{"selector": "#mail"}]})
    asked, parts[:] = tuple(parts), []
    api.put("/api/profile", json={})
    api.delete("/api/profile")

    assert asked == ("## issuer keys", "## user hash", "## memory", "## inference", "## decision log")
    assert parts == ["## profile"] * 4
