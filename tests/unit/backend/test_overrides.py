from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from fastapi.testclient import TestClient
from tests.support.issuer import Issuer
from tests.support.server import Answer, Server
from tests.unit.backend.answers import classified
from tests.unit.backend.conftest import BUCKET, SECRET, TABLE
from tests.unit.backend.test_autofill_routes import THRESHOLD

from fieldwise_backend.overrides import service
from fieldwise_backend.overrides.service import OverrideService
from fieldwise_common.auth import ADMIN_SCOPE
from fieldwise_common.decision_log import site_hash
from fieldwise_common.errors import StoreError
from fieldwise_common.store.overrides import Override, Overrides, parse_overrides, read_overrides
from fieldwise_common.store.s3 import S3Objects, s3_client

SHOP = "https://shop.example"
SITE = site_hash(b"a-key-for-tests", SHOP)
NOWHERE = site_hash(b"a-key-for-tests", "")
R1 = "1" * 32
SIGNATURE = "~0123456789-abcdef0123-0"
BODY = {"origin": SHOP, "canonical": "email", "why": "the label is misleading", "signature": SIGNATURE}


@pytest.fixture
def admin(api: TestClient, issuer: Issuer) -> TestClient:
    api.headers["Authorization"] = f"Bearer {issuer.token(sub='root', scope=ADMIN_SCOPE)}"
    return api


def put(api: TestClient, **changes: object) -> Any:
    """An override with changes; a change to None removes the key."""
    body = {key: value for key, value in {**BODY, **changes}.items() if value is not None}
    return api.put("/api/autofill/overrides", json=body)


def stored() -> tuple[Override, ...]:
    return read_overrides(S3Objects(BUCKET, "models", s3_client())).overrides


def classify(api: TestClient, server: Server, request_id: str = R1, origin: str = SHOP) -> None:
    site = site_hash(b"a-key-for-tests", origin)
    server.answers["/ml/classify"] = Answer(body=classified(request_id, ("#mail", "email"), ("#phone", "email"), site=site))
    api.post("/api/autofill/classify", json={"fields": [{"selector": "#mail"}, {"selector": "#phone"}], "page": {"origin": origin}})


def test_an_override_is_stored_with_who_when_and_why(admin: TestClient) -> None:
    answer = put(admin, origin=f"{SHOP}/basket?user=ada")

    (override,) = stored()
    assert answer.status_code == 200
    assert answer.json() == override.model_dump(mode="json", exclude_none=True)
    assert (override.site, override.origin, override.signature, override.canonical) == (SITE, SHOP, SIGNATURE, "email")
    assert (override.by, override.why, override.field) == ("root", "the label is misleading", None)
    assert admin.get("/api/autofill/overrides").json() == {"overrides": [answer.json()]}


def test_without_overrides_the_list_is_empty(admin: TestClient) -> None:
    assert admin.get("/api/autofill/overrides").json() == {"overrides": []}


def test_a_second_override_for_a_field_replaces_the_first(admin: TestClient) -> None:
    put(admin)
    put(admin, origin="https://bank.example")
    put(admin, canonical="none")

    assert [(override.origin, override.canonical) for override in stored()] == [("https://bank.example", "email"), (SHOP, "none")]


def test_a_decision_id_names_the_field_of_the_callers_own_form(admin: TestClient, server: Server) -> None:
    classify(admin, server)

    answer = put(admin, signature=None, decision_id=f"{R1}.{SITE}.1")

    assert answer.json()["signature"] == "aa-bb-1"


def test_a_decision_id_of_an_equal_later_request_names_its_field_too(admin: TestClient, server: Server) -> None:
    classify(admin, server)
    classify(admin, server, "2" * 32)

    assert put(admin, signature=None, decision_id=f"{'2' * 32}.{SITE}.1").json()["signature"] == "aa-bb-1"


def test_a_form_classified_without_an_origin_is_overridden_for_pages_without_one(admin: TestClient, server: Server) -> None:
    classify(admin, server, origin="")

    answer = put(admin, origin="", signature=None, decision_id=f"{R1}.{NOWHERE}.1")

    assert (answer.json()["origin"], answer.json()["site"], answer.json()["signature"]) == ("", NOWHERE, "aa-bb-1")


@pytest.mark.parametrize("decision_id", [f"{R1}.{SITE}.9", f"{'2' * 32}.{SITE}.1", f"{R1}.{NOWHERE}.1", f"{R1}..1", "d-1"])
def test_a_decision_that_is_not_of_the_callers_recent_forms_is_refused(admin: TestClient, server: Server, decision_id: str) -> None:
    classify(admin, server)

    answer = put(admin, signature=None, decision_id=decision_id)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/decision_id")
    assert stored() == ()


def test_a_described_field_gets_its_signature_from_inference_and_is_stored_without_a_value(admin: TestClient, server: Server) -> None:
    server.answers["/ml/debug/threshold"] = Answer(body={**THRESHOLD, "signature": "cc-dd-0"})

    answer = put(
        admin, signature=None, field={"selector": "#mail", "label": "E-mail", "value": "tell-nobody", "checked": True, "filled": 1}
    )

    (override,) = stored()
    assert answer.json()["signature"] == "cc-dd-0"
    assert override.field is not None
    assert (override.field.selector, override.field.label) == ("#mail", "E-mail")
    assert not override.field.checked
    assert not override.field.filled
    assert server.last("/ml/debug/threshold").json()["field"]["label"] == "E-mail"
    assert "tell-nobody" not in override.model_dump_json()


def test_of_a_field_with_many_options_a_bounded_description_is_stored(admin: TestClient, server: Server) -> None:
    server.answers["/ml/debug/threshold"] = Answer(body={**THRESHOLD, "signature": "cc-dd-0"})
    options = [{"value": "v" * 1_000, "text": f"Option {n}"} for n in range(500)]

    put(admin, signature=None, field={"selector": "#country", "label": "Country", "options": options})

    (override,) = stored()
    assert override.field is not None
    assert (override.field.selector, override.field.label, override.field.options[0].text) == ("#country", "Country", "Option 0")
    assert len(override.model_dump_json()) < 10_000
    assert len(server.last("/ml/debug/threshold").json()["field"]["options"]) == 500


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"origin": None}, "/origin"),
        ({"origin": "my shop"}, "/origin"),
        ({"origin": "", "signature": None, "field": {"selector": "#a"}}, "/origin"),
        ({"canonical": ""}, "/canonical"),
        ({"canonical": "my e-mail"}, "/canonical"),
        ({"canonical": "emial"}, "/canonical"),
        ({"why": None}, "/why"),
        ({"why": " "}, "/why"),
        ({"why": "x" * 201}, "/why"),
        ({"signature": "that field"}, "/signature"),
        ({"signature": None, "field": {"label": "E-mail"}}, "/field/selector"),
    ],
)
def test_a_wrong_override_is_refused_naming_the_key(admin: TestClient, changes: dict[str, object], pointer: str) -> None:
    answer = put(admin, **changes)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert stored() == ()


@pytest.mark.parametrize("changes", [{"signature": None}, {"decision_id": f"{R1}.{SITE}.1"}, {"field": {"selector": "#a"}}])
def test_the_field_is_named_in_exactly_one_way(admin: TestClient, changes: dict[str, object]) -> None:
    answer = put(admin, **changes)

    assert (answer.status_code, "exactly one of" in answer.json()["detail"]) == (422, True)


def test_an_override_is_deleted_by_origin_and_signature(admin: TestClient) -> None:
    put(admin)
    put(admin, signature="aa-bb-1")

    answer = admin.delete("/api/autofill/overrides", params={"origin": SHOP, "signature": SIGNATURE})
    again = admin.delete("/api/autofill/overrides", params={"origin": SHOP, "signature": SIGNATURE})

    assert (answer.status_code, again.status_code) == (204, 404)
    assert [override.signature for override in stored()] == ["aa-bb-1"]


def test_without_the_admin_scope_nothing_is_listed_changed_or_deleted(api: TestClient, admin: TestClient, issuer: Issuer) -> None:
    put(admin)
    before = stored()
    api.headers["Authorization"] = f"Bearer {issuer.token(scope='openid')}"

    query = {"origin": SHOP, "signature": SIGNATURE}
    answers = [api.get("/api/autofill/overrides"), put(api, canonical="tel"), api.delete("/api/autofill/overrides", params=query)]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert {answer.json()["type"] for answer in answers} == {"urn:fieldwise:problem:forbidden"}
    assert stored() == before


def test_beyond_the_most_overrides_another_is_refused_and_one_can_be_replaced(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_OVERRIDES", 2)
    put(admin)
    put(admin, signature="aa-bb-1")

    third, replaced = put(admin, signature="aa-bb-2"), put(admin, canonical="tel")

    assert (third.status_code, replaced.status_code) == (422, 200)
    assert "delete those that the model agrees with" in third.json()["detail"]
    assert len(stored()) == 2


def test_beyond_the_most_bytes_another_is_refused_and_one_can_be_deleted(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    put(admin)
    monkeypatch.setattr(service, "MAX_BYTES", 500)

    second = put(admin, signature="aa-bb-1")
    deleted = admin.delete("/api/autofill/overrides", params={"origin": SHOP, "signature": SIGNATURE})

    assert (second.status_code, deleted.status_code) == (422, 204)
    assert "delete those that the model agrees with" in second.json()["detail"]
    assert stored() == ()


def test_a_described_field_needs_an_inference_that_gives_signatures(admin: TestClient, server: Server) -> None:
    server.answers["/ml/debug/threshold"] = Answer(body={**THRESHOLD, "signature": ""})

    answer = put(admin, signature=None, field={"selector": "#mail", "label": "E-mail"})

    assert (answer.status_code, stored()) == (503, ())


def test_a_damaged_object_is_a_503_and_is_not_overwritten(admin: TestClient) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key="models/overrides.json", Body=b"{")

    for answer in (put(admin), admin.get("/api/autofill/overrides")):
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:fieldwise:problem:model-unusable")
    assert boto3.client("s3").get_object(Bucket=BUCKET, Key="models/overrides.json")["Body"].read() == b"{"


def test_without_the_hash_key_an_override_is_a_503(admin: TestClient) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)

    assert put(admin).status_code == 503


def test_a_failing_table_fails_an_override_by_decision_id(admin: TestClient) -> None:
    boto3.client("dynamodb").delete_table(TableName=TABLE)

    assert put(admin, signature=None, decision_id=f"{R1}.{SITE}.1").status_code == 503


class Contended(S3Objects):
    """The real bucket, with another admin acting before each of the first writes."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        super().__init__(BUCKET, "models", s3_client())
        self._acts = list(acts)

    def put_if(self, key: str, body: bytes, etag: str | None) -> str:
        if self._acts:
            self._acts.pop(0)()
        return super().put_if(key, body, etag)


def override_service(api: TestClient) -> OverrideService:
    app: Any = api.app
    found: OverrideService = app.state.dependencies.overrides
    return found


def contend(api: TestClient, monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object]) -> None:
    objects = Contended(*acts)
    monkeypatch.setattr(override_service(api), "_objects", lambda: objects)


def another(signature: str) -> Callable[[], object]:
    def write() -> None:
        objects = S3Objects(BUCKET, "models", s3_client())
        override = Override(site=SITE, origin=SHOP, signature=signature, canonical="tel", by="other", at="2026-11-22T10:00:00Z", why="-")  # type: ignore[arg-type]  # parsed by pydantic
        body = Overrides(overrides=(*read_overrides(objects).overrides, override)).model_dump_json()
        objects.put("overrides.json", body.encode())

    return write


@pytest.mark.parametrize("before", [False, True])
def test_of_two_overrides_made_at_once_none_is_lost(admin: TestClient, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    if before:
        another("aa-bb-0")()
    contend(admin, monkeypatch, another("aa-bb-1"))

    assert put(admin).status_code == 200

    assert {override.signature for override in stored()} >= {"aa-bb-1", SIGNATURE}


def test_an_object_deleted_in_between_is_made_anew(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    another("aa-bb-0")()
    contend(admin, monkeypatch, lambda: boto3.client("s3").delete_object(Bucket=BUCKET, Key="models/overrides.json"))

    assert put(admin).status_code == 200

    assert [override.signature for override in stored()] == [SIGNATURE]


def test_it_gives_up_after_repeated_writes_of_others(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    contend(admin, monkeypatch, *(another(f"aa-bb-{n}") for n in range(service.TRIES)))

    answer = put(admin)

    assert (answer.status_code, "try again" in answer.json()["detail"]) == (503, True)


@pytest.mark.parametrize(("code", "status"), [("ConditionalRequestConflict", 409), ("PreconditionFailed", 412)])
def test_a_conflict_that_s3_reports_is_tried_again(admin: TestClient, monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    client = s3_client()
    monkeypatch.setattr(override_service(admin), "_objects", lambda: S3Objects(BUCKET, "models", client))
    empty = {"service_error_code": "NoSuchKey", "http_status_code": 404}
    with Stubber(client) as stub:
        stub.add_client_error("get_object", **empty)
        for _ in range(3 if status == 409 else 1):  # the store repeats a 409 itself, three times
            stub.add_client_error("put_object", code, http_status_code=status)
        stub.add_client_error("get_object", **empty)
        stub.add_response("put_object", {"ETag": '"e"'})

        answer = put(admin)

        stub.assert_no_pending_responses()
    assert answer.status_code == 200


def test_a_bucket_that_fails_is_a_503(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(S3Objects):
        def put_if(self, key: str, body: bytes, etag: str | None) -> str:
            raise StoreError("s3://fieldwise-data/models/overrides.json: SlowDown")

    monkeypatch.setattr(override_service(admin), "_objects", lambda: Broken(BUCKET, "models", s3_client()))

    assert put(admin).status_code == 503


def test_what_is_stored_is_what_inference_reads(admin: TestClient) -> None:
    put(admin)

    body = boto3.client("s3").get_object(Bucket=BUCKET, Key="models/overrides.json")["Body"].read()

    assert parse_overrides(body).overrides == stored()
