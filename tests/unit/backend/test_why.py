"""`debug/threshold` of a field in its form, or of a decision: what the backend adds before it asks inference."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.support.issuer import Issuer
from tests.support.server import Answer, Server
from tests.unit.backend.answers import classified
from tests.unit.backend.test_autofill_routes import THRESHOLD

from fieldwise_common.decision_log import site_hash

SHOP = "https://shop.example"
SITE, NOWHERE = (site_hash(b"a-key-for-tests", origin) for origin in (SHOP, ""))
R1, R2 = "1" * 32, "2" * 32
FORM = [{"selector": "#mail", "label": "E-mail", "value": "tell-nobody"}, {"selector": "#phone", "label": "Telephone"}]


def classify(api: TestClient, server: Server, request_id: str = R1) -> None:
    server.answers["/ml/classify"] = Answer(body=classified(request_id, ("#mail", "email"), ("#phone", "email"), site=SITE))
    api.post("/api/autofill/classify", json={"fields": FORM, "page": {"origin": SHOP}})


def correct(api: TestClient) -> None:
    said = {"selector": "#phone", "canonical": "email", "feedback": "incorrect", "corrected_to": "tel", "url": SHOP}
    assert api.post("/api/autofill/feedback", json=said).json()["remembered"]


def ask(api: TestClient, server: Server, **body: object) -> Any:
    server.answers["/ml/debug/threshold"] = Answer(body=THRESHOLD)
    return api.post("/api/autofill/debug/threshold", json=body)


def test_a_decision_is_explained_in_its_form_and_on_its_page_with_what_the_user_said(api: TestClient, server: Server) -> None:
    classify(api, server)
    correct(api)

    answer = ask(api, server, decision_id=f"{R1}.{SITE}.1", fields=FORM, canonical="tel")

    sent = server.last("/ml/debug/threshold").json()
    assert (answer.status_code, answer.json()) == (200, THRESHOLD)
    assert (sent["field"], sent["page"], sent["site"], sent["canonical"]) == ({"selector": "#phone"}, {"origin": SHOP}, SITE, "tel")
    assert [field["label"] for field in sent["fields"]] == ["E-mail", "Telephone"]
    assert sent["remembered"] == [{"signature": "aa-bb-1", "canonical": "tel", "rejected": ["email"]}]
    assert "decision_id" not in sent
    assert "tell-nobody" not in server.last("/ml/debug/threshold").body.decode()


def test_a_decision_about_a_form_that_was_classified_before_is_explained_too(api: TestClient, server: Server) -> None:
    classify(api, server)
    classify(api, server, R2)  # an equal form is stored once

    assert ask(api, server, decision_id=f"{R2}.{SITE}.0", fields=FORM).status_code == 200


def test_a_field_of_a_page_is_explained_with_what_the_user_said_there(api: TestClient, server: Server) -> None:
    classify(api, server)
    correct(api)

    ask(api, server, field={"selector": "#phone"}, fields=FORM, page={"origin": f"{SHOP}/basket?user=ada"})

    sent = server.last("/ml/debug/threshold").json()
    assert (sent["page"], sent["site"], len(sent["remembered"])) == ({"origin": SHOP}, SITE, 1)


def test_a_field_alone_is_explained_as_before_and_a_form_without_a_page_as_classify_decides_it(api: TestClient, server: Server) -> None:
    ask(api, server, field={"label": "Telephone"})
    alone = server.last("/ml/debug/threshold").json()
    ask(api, server, field={"selector": "#phone"}, fields=FORM)
    in_form = server.last("/ml/debug/threshold").json()

    assert alone == {"field": {"label": "Telephone"}}
    assert (in_form["site"], in_form["page"]) == (NOWHERE, {})


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/field"),
        ({"canonical": "tel", "fields": FORM}, "/field"),
        ({"field": {"selector": "#mail"}, "decision_id": f"{R1}.{SITE}.0"}, "/field"),
        ({"decision_id": f"{R1}.{SITE}.0"}, "/fields"),
        ({"decision_id": f"{R1}.{SITE}.0", "fields": "all"}, "/fields"),
        ({"decision_id": f"{R1}.{SITE}.7", "fields": FORM}, "/decision_id"),
        ({"decision_id": f"{R1}.{SITE}.0", "fields": FORM[::-1]}, "/decision_id"),
        ({"decision_id": f"{R1}.{NOWHERE}.0", "fields": FORM}, "/decision_id"),
        ({"decision_id": "d-1", "fields": FORM}, "/decision_id"),
        ({"decision_id": "?", "fields": FORM}, "/decision_id"),
    ],
)
def test_what_can_not_be_explained_is_refused_by_its_key(api: TestClient, server: Server, body: dict[str, object], pointer: str) -> None:
    classify(api, server)

    answer = ask(api, server, **body)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_somebody_elses_decision_is_not_found(api: TestClient, server: Server, issuer: Issuer) -> None:
    classify(api, server)
    api.headers["Authorization"] = f"Bearer {issuer.token(sub='bob')}"

    answer = ask(api, server, decision_id=f"{R1}.{SITE}.0", fields=FORM)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/decision_id")
