import json
from datetime import UTC, datetime
from typing import Any

import boto3
import httpx
import pytest
from fastapi.testclient import TestClient
from tests.support.issuer import ISSUER, Issuer
from tests.support.server import Answer, Server
from tests.unit.backend.answers import classified
from tests.unit.backend.conftest import SECRET, TABLE, Lines
from tests.unit.backend.test_autofill_routes import logged_rows

from fieldwise_backend.adapters.dynamodb_memory import DynamoMemory, memory_client
from fieldwise_backend.memory import service
from fieldwise_backend.memory.entries import MAX_ENTRIES, MAX_MEMORY_BYTES, RememberedField, bounded_text
from fieldwise_backend.memory.ports import SiteItem
from fieldwise_backend.memory.service import Memory
from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import ADMIN_SCOPE, Caller
from fieldwise_common.decision_log import LogRow, site_hash
from fieldwise_common.wire import FeedbackRequest

SHOP, BANK = "https://shop.example", "https://bank.example"
SITE = site_hash(b"a-key-for-tests", SHOP)
NOWHERE = site_hash(b"a-key-for-tests", "")
OWNER = owner_of(Caller(ISSUER, "ada", frozenset()))
FORM = (("#mail", "email"), ("#phone", "email"), ("#q", ""))
R1, R2 = "1" * 32, "2" * 32
CANARY = "tell-nobody"
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def server(server: Server) -> Server:
    server.answers["/ml/classify"] = Answer(body=classified(R1, *FORM, site=SITE))
    return server


def classify(api: TestClient, origin: str | None = SHOP, **headers: str) -> Any:
    page = {} if origin is None else {"page": {"origin": f"{origin}/basket?user={CANARY}"}}
    fields = [{"selector": selector, "value": CANARY} for selector, _ in FORM]
    return api.post("/api/autofill/classify", json={"fields": fields, **page}, headers=headers)


def feedback(
    api: TestClient, selector: str = "#phone", canonical: str = "email", verdict: str = "incorrect", **more: str
) -> httpx.Response:
    headers = {"Authorization": more.pop("token", str(api.headers["Authorization"]))}
    body = {"selector": selector, "canonical": canonical, "feedback": verdict, "value": CANARY, **more}
    answer: Any = api.post("/api/autofill/feedback", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    response: httpx.Response = answer
    return response


def correct_phone(api: TestClient, origin: str = SHOP) -> bool:
    """Classifies, then corrects one field; returns whether that is remembered."""
    classify(api, origin)
    return bool(feedback(api, corrected_to="tel", url=f"{origin}/basket").json()["remembered"])


def feedback_rows() -> list[LogRow]:
    return [row for row in logged_rows() if row.route == "feedback"]


def items() -> dict[str, dict[str, Any]]:
    return {item["owner"]["S"]: item for item in boto3.client("dynamodb").scan(TableName=TABLE)["Items"]}


def sent_memory(server: Server) -> list[dict[str, Any]]:
    remembered: list[dict[str, Any]] = server.last("/ml/classify").json().get("remembered", [])
    return remembered


PHONE_IS_TEL = {"signature": "aa-bb-1", "canonical": "tel", "rejected": ["email"]}


def test_a_correction_goes_to_inference_with_the_next_request_on_that_site_alone(api: TestClient, server: Server) -> None:
    assert correct_phone(api)

    classify(api)
    here = sent_memory(server)
    classify(api, BANK)
    elsewhere = sent_memory(server)
    classify(api, None)

    assert here == [PHONE_IS_TEL]
    assert (elsewhere, sent_memory(server)) == ([], [])


def test_a_correction_is_of_the_user_who_made_it(api: TestClient, server: Server, issuer: Issuer) -> None:
    correct_phone(api)

    classify(api, Authorization=f"Bearer {issuer.token(sub='eve')}")

    assert sent_memory(server) == []


def test_feedback_on_a_form_without_an_origin_finds_it_though_the_feedback_has_a_url(api: TestClient, server: Server) -> None:
    classify(api, None)

    answer = feedback(api, corrected_to="tel", url=f"{SHOP}/basket")

    classify(api, None)
    assert answer.json() == {"status": "accepted", "remembered": True}
    assert sent_memory(server) == [PHONE_IS_TEL]


def test_a_decision_id_finds_the_field_without_a_url(api: TestClient, server: Server) -> None:
    classify(api)

    answer = feedback(api, corrected_to="tel", decision_id=f"{R1}.{SITE}.1")

    assert answer.json()["remembered"] is True
    assert api.get("/api/autofill/memory").json()["sites"][0]["origin"] == SHOP


def test_feedback_with_a_decision_id_is_never_about_a_form_of_another_site(api: TestClient, server: Server) -> None:
    classify(api, None)
    bank = site_hash(b"a-key-for-tests", BANK)

    answer = feedback(api, corrected_to="tel", decision_id=f"{R2}.{bank}.1", url=BANK)

    (row,) = feedback_rows()
    assert answer.json()["remembered"] is False
    assert (row.request_id, row.position, row.signature) == (R2, "1", "")


def test_a_decision_id_of_a_repeated_request_finds_the_field_by_its_selector(api: TestClient, server: Server) -> None:
    classify(api)
    server.answers["/ml/classify"] = Answer(body=classified(R2, *FORM, site=SITE))
    classify(api)

    assert feedback(api, corrected_to="tel", decision_id=f"{R2}.{SITE}.1").json()["remembered"] is True


def test_feedback_about_an_unknown_field_is_logged_but_not_remembered(api: TestClient, server: Server) -> None:
    classify(api)

    answer = feedback(api, selector="#other", decision_id=f"{R1}.{SITE}.1", url=SHOP)

    (row,) = feedback_rows()
    assert answer.json() == {"status": "accepted", "remembered": False}
    assert (row.request_id, row.position, row.signature, row.site, row.trusted) == (R1, "1", "", "", "")


@pytest.mark.parametrize(("scope", "trusted"), [("", ""), (ADMIN_SCOPE, "true")])
def test_feedback_is_logged_with_the_field_it_is_about(api: TestClient, server: Server, issuer: Issuer, scope: str, trusted: str) -> None:
    api.headers["Authorization"] = f"Bearer {issuer.token(scope=scope)}"

    correct_phone(api)

    (row,) = feedback_rows()
    assert (row.route, row.request_id, row.position, row.signature, row.site) == ("feedback", R1, "1", "aa-bb-1", SITE)
    assert (row.origin, row.trusted) == (SHOP, trusted)


def test_no_value_and_no_part_of_a_url_but_its_origin_is_stored(api: TestClient, server: Server, logged: Lines) -> None:
    correct_phone(api)
    feedback(api, url=f"{SHOP}/{CANARY}")

    assert CANARY not in json.dumps(items()) + str(logged_rows()) + logged.everything()
    assert server.last("/ml/classify").json()["page"] == {"origin": SHOP}
    assert "/basket" not in json.dumps(items())


def test_an_equal_form_is_not_stored_again_and_a_different_one_is(api: TestClient, server: Server) -> None:
    classify(api)
    first = items()
    server.answers["/ml/classify"] = Answer(body=classified(R2, *FORM))
    classify(api)
    again = items()
    server.answers["/ml/classify"] = Answer(body=classified(R2, *FORM[:2]))
    classify(api)

    assert again == first
    assert items() != first


def test_going_back_and_forth_between_forms_pushes_no_other_form_out(api: TestClient, server: Server) -> None:
    classify(api)
    others = [classified(str(number) * 32, ("#one", "email")) for number in (2, 4, 6)], [classified(R2, ("#two", "email"))] * 3
    for one, two in zip(*others, strict=True):
        for answer in (one, two):
            server.answers["/ml/classify"] = Answer(body=answer)
            classify(api)

    assert feedback(api, corrected_to="tel", url=SHOP).json()["remembered"] is True


def test_an_admins_form_is_always_stored(api: TestClient, server: Server, issuer: Issuer) -> None:
    api.headers["Authorization"] = f"Bearer {issuer.token(scope=ADMIN_SCOPE)}"
    classify(api)
    server.answers["/ml/classify"] = Answer(body=classified(R2, *FORM))
    classify(api)

    (item,) = items().values()
    assert [line.split(" ")[0] for line in item["recent"]["S"].splitlines()] == [R2, R1]


def test_only_an_item_without_a_memory_expires(api: TestClient, server: Server) -> None:
    key = f"{OWNER}/site/{SITE}"
    classify(api)
    before = items()[key]
    correct_phone(api)
    remembering = items()[key]
    server.answers["/ml/classify"] = Answer(body=classified(R2, *FORM[:2]))
    classify(api)
    classified_again = items()[key]
    api.delete("/api/autofill/memory", params={"origin": SHOP, "signature": "aa-bb-1"})

    assert "memory" not in before
    assert "expires" in before
    assert "expires" not in remembering
    assert "expires" not in classified_again
    assert R2 in classified_again["recent"]["S"]
    assert "memory" not in items()[key]
    assert "expires" in items()[key]


def test_the_memory_is_listed_by_origin(api: TestClient, server: Server) -> None:
    correct_phone(api)
    correct_phone(api, BANK)
    feedback(api, selector="#q", canonical="none", verdict="correct", url=SHOP)

    bank, shop = api.get("/api/autofill/memory").json()["sites"]

    assert (bank["origin"], shop["origin"]) == (BANK, SHOP)
    phone, query = shop["fields"]
    assert phone == {**PHONE_IS_TEL, "label": "Label of #phone", "at": phone["at"]}
    assert (query["canonical"], query["rejected"]) == ("none", [])


def test_a_long_list_comes_in_pages(api: TestClient, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MIN_PAGE_BYTES", 200)  # the memories of two sites
    origins = {f"https://{name}.example" for name in ("one", "two", "three", "four", "five")}
    for origin in origins:
        correct_phone(api, origin)

    pages = [api.get("/api/autofill/memory").json()]
    while "next" in pages[-1]:
        pages.append(api.get("/api/autofill/memory", params={"after": pages[-1]["next"]}).json())

    listed = [site["origin"] for page in pages for site in page["sites"]]
    assert [len(page["sites"]) for page in pages] == [2, 2, 1]
    assert (len(listed), set(listed)) == (5, origins)


def test_the_largest_memory_comes_in_pages_that_lambda_can_return(api: TestClient, server: Server) -> None:
    entry = RememberedField(signature=f"{'c' * 10}-{'d' * 10}-0", label="語" * 80, rejected=("й" * 64,) * 10, at=AT)
    text = bounded_text((entry,) * MAX_ENTRIES)
    store = DynamoMemory(TABLE, memory_client())
    for number in range(7):
        store.list_site(OWNER, f"{number}", number)
        store.save_memory(OWNER, f"{number}", SiteItem(origin=SHOP), text)

    first = api.get("/api/autofill/memory").json()
    second = api.get("/api/autofill/memory", params={"after": first["next"]}).json()

    assert (len(first["sites"]) + len(second["sites"]), "next" in second) == (7, False)
    assert len(json.dumps({"body": json.dumps(first)})) < 6_000_000  # a response, escaped as ASCII twice


def test_without_a_memory_the_list_is_empty(api: TestClient) -> None:
    assert api.get("/api/autofill/memory").json() == {"sites": []}


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({}, []),
        ({"origin": f"{SHOP}/basket"}, [(BANK, ["aa-bb-1"])]),
        ({"origin": SHOP, "signature": "aa-bb-1"}, [(BANK, ["aa-bb-1"]), (SHOP, ["aa-bb-0"])]),
        ({"origin": SHOP, "signature": "aa-bb-9"}, [(BANK, ["aa-bb-1"]), (SHOP, ["aa-bb-1", "aa-bb-0"])]),
        ({"origin": ""}, [(BANK, ["aa-bb-1"]), (SHOP, ["aa-bb-1", "aa-bb-0"])]),
        ({"origin": "https://never.example"}, [(BANK, ["aa-bb-1"]), (SHOP, ["aa-bb-1", "aa-bb-0"])]),
    ],
)
def test_all_of_the_memory_a_site_or_a_field_can_be_deleted(
    api: TestClient, server: Server, query: dict[str, str], left: list[tuple[str, list[str]]]
) -> None:
    for origin in (SHOP, BANK):
        correct_phone(api, origin)
    feedback(api, selector="#mail", verdict="correct", url=SHOP)

    answer = api.delete("/api/autofill/memory", params=query)

    sites = api.get("/api/autofill/memory").json()["sites"]
    directory = items().get(f"{OWNER}/sites", {})
    assert answer.status_code == 204
    assert [(site["origin"], [field["signature"] for field in site["fields"]]) for site in sites] == left
    assert set(directory) - {"owner"} == {site_hash(b"a-key-for-tests", origin) for origin, _ in left}


@pytest.mark.parametrize("query", [{"signature": "aa-bb-1"}, {"origin": "my shop"}])
def test_a_deletion_that_names_no_site_is_refused(api: TestClient, server: Server, query: dict[str, str]) -> None:
    correct_phone(api)

    answer = api.delete("/api/autofill/memory", params=query)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/origin")
    assert len(api.get("/api/autofill/memory").json()["sites"]) == 1


def test_beyond_the_most_sites_the_one_corrected_longest_ago_is_dropped(
    api: TestClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_SITES", 2)
    origins = [f"https://{name}.example" for name in ("one", "two", "three")]
    store = DynamoMemory(TABLE, memory_client())
    for number, origin in enumerate(origins[:2]):
        correct_phone(api, origin)
        store.list_site(OWNER, site_hash(b"a-key-for-tests", origin), 1_700_000_000 + number)

    correct_phone(api, origins[2])

    assert {site["origin"] for site in api.get("/api/autofill/memory").json()["sites"]} == set(origins[1:])
    assert not [key for key in items() if key.endswith(site_hash(b"a-key-for-tests", origins[0]))]


def test_a_failing_table_fails_neither_classify_nor_feedback(
    api: TestClient, server: Server, logged: Lines, counted: dict[str, Any]
) -> None:
    boto3.client("dynamodb").delete_table(TableName=TABLE)

    answer = classify(api)
    given = feedback(api, corrected_to="tel", decision_id=f"{R1}.{SITE}.1")

    assert answer.status_code == 200
    assert server.last("/ml/classify").json()["site"] == SITE
    assert given.json() == {"status": "accepted", "remembered": False}
    assert [row.route for row in sorted(logged_rows(), key=lambda row: row.timestamp)] == ["classify"] * 3 + ["feedback"]
    assert {line.detail for line in logged.named("memory failed")} == {"memory table: ResourceNotFoundException"}
    assert counted["MemoryFailed"]["Value"] == [1.0, 1.0]


def test_a_failing_table_fails_the_list_and_the_deletion(api: TestClient) -> None:
    boto3.client("dynamodb").delete_table(TableName=TABLE)

    for answer in (api.get("/api/autofill/memory"), api.delete("/api/autofill/memory")):
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:fieldwise:problem:store-unavailable")


def test_a_table_that_does_not_answer_is_tried_twice_and_then_done_without(
    monkeypatch: pytest.MonkeyPatch, server: Server, logged: Lines, counted: dict[str, Any]
) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
    server.answers["/"] = Answer(after_seconds=3.0)
    memory = Memory(DynamoMemory(TABLE, memory_client()), lambda: pytest.fail("the clock is not needed"))

    ada, wrong = Caller(ISSUER, "ada", frozenset()), {"selector": "#phone", "canonical": "email", "feedback": "incorrect"}

    recalled = memory.recall(ada, SITE)
    found = memory.find(ada, [SITE, NOWHERE], R1, FeedbackRequest.model_validate(wrong))

    assert (recalled.item, recalled.entries, found) == (None, (), None)
    assert len([r for r in server.received if r.path == "/"]) == 2 * 2
    assert [line.detail for line in logged.named("memory failed")] == ["memory table: ReadTimeoutError"] * 2
    assert "MemoryFailed" in counted


@pytest.mark.parametrize("memory", [{"S": "{"}, {"S": f'[{{"signature": "{CANARY}"}}]'}, {"N": "7"}])
def test_a_damaged_memory_counts_as_empty_with_a_warning_and_is_replaced_by_the_next_correction(
    api: TestClient, server: Server, logged: Lines, counted: dict[str, Any], memory: dict[str, str]
) -> None:
    correct_phone(api)
    boto3.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"owner": {"S": f"{OWNER}/site/{SITE}"}},
        UpdateExpression="SET #m = :m",
        ExpressionAttributeNames={"#m": "memory"},
        ExpressionAttributeValues={":m": memory},
    )

    answer = classify(api)
    sent = sent_memory(server)

    assert (answer.status_code, sent) == (200, [])
    assert logged.named("memory failed")
    assert "MemoryFailed" in counted
    assert CANARY not in logged.everything()
    assert correct_phone(api)
    classify(api)
    assert sent_memory(server) == [PHONE_IS_TEL]


def test_without_the_hash_key_there_is_no_memory_and_the_requests_are_served(api: TestClient, server: Server) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    assert classify(api).status_code == 200
    assert "site" not in server.last("/ml/classify").json()
    assert feedback(api, url=SHOP).json()["remembered"] is False
    assert items() == {}
    assert api.delete("/api/autofill/memory", params={"origin": SHOP}).status_code == 503


def test_at_its_size_limit_an_item_takes_another_correction_and_loses_the_oldest(api: TestClient, server: Server) -> None:
    fields = [(f"#f{n}", "email") for n in range(300)]
    large = classified(R2, *fields)
    for decision in large["decisions"]:
        decision["label"] = "語" * 200
    server.answers["/ml/classify"] = Answer(body=large)
    classify(api)
    entries = tuple(
        RememberedField(
            signature=f"cc-{n}-0",
            canonical="й" * 64,
            rejected=tuple(f"{m}{'й' * 62}" for m in range(10)),
            label="語" * 80,
            at=AT,
        )
        for n in range(MAX_ENTRIES)
    )
    store, text = DynamoMemory(TABLE, memory_client()), bounded_text(entries)
    store.save_memory(OWNER, SITE, store.load(OWNER, SITE), text)
    assert len(text.encode()) > MAX_MEMORY_BYTES * 0.9

    answer = feedback(api, selector="#f299", corrected_to="tel", url=SHOP)
    classify(api)

    sent = sent_memory(server)
    assert answer.json()["remembered"] is True
    assert (sent[0]["signature"] > f"cc-{MAX_ENTRIES - len(sent)}", sent[-1]["canonical"]) == (True, "tel")
    assert len(json.dumps(items()[f"{OWNER}/site/{SITE}"], ensure_ascii=False).encode()) < 400_000
