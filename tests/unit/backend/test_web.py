from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel
from starlette.requests import Request

from fieldwise_backend.web import problems
from fieldwise_backend.web.authentication import Authentication, caller_of
from fieldwise_backend.web.body_limit import BodyLimit
from fieldwise_common import errors
from fieldwise_common.auth import Caller

CANARY = "tell-nobody"

ERRORS: dict[str, tuple[errors.FieldwiseError, int, str]] = {
    "unauthenticated": (errors.Unauthenticated("no token"), 401, "unauthenticated"),
    "forbidden": (errors.Forbidden("no scope"), 403, "forbidden"),
    "invalid": (errors.InvalidRequest("wrong", (errors.FieldFault("/a", "is wrong"),)), 422, "invalid-request"),
    "large": (errors.RequestTooLarge("too much"), 413, "request-too-large"),
    "missing": (errors.NotFound("nothing"), 404, "not-found"),
    "changed": (errors.PreconditionFailed("changed"), 412, "precondition-failed"),
    "slow": (errors.InferenceTimeout("slow"), 504, "inference-timeout"),
    "down": (errors.InferenceUnavailable("down"), 503, "inference-unavailable"),
    "untrained": (errors.NoVersionPublished("train"), 503, "no-version-published"),
    "corrupt": (errors.CorruptVersion("v1: index.faiss"), 503, "model-unusable"),
    "store": (errors.StoreError("key"), 503, "store-unavailable"),
    "other": (errors.DataError("file"), 500, "internal"),
}


class Body(BaseModel):
    count: int
    names: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(BodyLimit, limit=1_000)

    @app.get("/raise/{name}")
    def fail(name: str) -> None:
        raise ERRORS[name][0]

    @app.get("/bug")
    def bug() -> None:
        raise RuntimeError(CANARY)

    @app.post("/body")
    def body(body: Body, page: int = 1) -> int:
        return body.count + page

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_is_a_problem_with_its_status_and_type(client: TestClient, name: str) -> None:
    error, status, slug = ERRORS[name]

    answer = client.get(f"/raise/{name}")

    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, document["status"], document["type"]) == (status, status, f"urn:fieldwise:problem:{slug}")
    assert document["detail"] == str(error)
    assert ("retry-after" in answer.headers) == (status in (503, 504))
    assert (answer.headers.get("www-authenticate") == "Bearer") == (status == 401)


def test_an_invalid_request_names_its_faults(client: TestClient) -> None:
    assert client.get("/raise/invalid").json()["errors"] == [{"pointer": "/a", "detail": "is wrong"}]


def test_an_invalid_field_is_named_and_not_repeated(client: TestClient) -> None:
    answer = client.post("/body", json={"count": CANARY, "names": [CANARY, 1]})

    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/count", "/names/1"]
    assert CANARY not in answer.text


def test_an_invalid_parameter_is_named(client: TestClient) -> None:
    assert client.post("/body?page=x", json={"count": 1}).json()["errors"][0]["pointer"] == "query/page"


def test_a_body_that_is_not_json_is_a_400(client: TestClient) -> None:
    answer = client.post("/body", content=b"{count", headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:fieldwise:problem:not-json")


@pytest.mark.parametrize(("size", "status"), [(1_000, 422), (1_001, 413)])
def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not(client: TestClient, size: int, status: int) -> None:
    content = b'"' + b"x" * (size - 2) + b'"'

    answer = client.post("/body", content=content, headers={"content-type": "application/json"})

    assert answer.status_code == status


def test_a_body_sent_in_chunks_is_counted_too(client: TestClient) -> None:
    answer = client.post("/body", content=iter([b"x" * 600] * 2), headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:fieldwise:problem:request-too-large")


def test_unknown_routes_and_methods_are_problems(client: TestClient) -> None:
    assert client.get("/nowhere").json()["type"] == "urn:fieldwise:problem:no-such-route"
    assert client.get("/body").json()["type"] == "urn:fieldwise:problem:method-not-allowed"


def test_a_bug_reveals_no_user_data(client: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/bug")

    assert (answer.status_code, answer.json()["type"]) == (500, "urn:fieldwise:problem:internal")
    assert CANARY not in answer.text + "".join(capfd.readouterr())


def test_a_path_that_is_not_listed_as_open_needs_a_token() -> None:
    app = FastAPI()

    @app.get("/open")
    def is_open() -> str:
        return "open"

    @app.get("/closed")
    def is_closed(request: Request) -> str:
        return caller_of(request).subject

    def verify(token: str) -> Caller:
        raise errors.Unauthenticated(token)

    app.add_middleware(Authentication, verify=verify, open_paths=frozenset({"/open"}))
    with TestClient(app) as client:
        statuses = {path: client.get(path).status_code for path in ("/open", "/closed", "/open/", "/nowhere", "/openapi.json")}

    assert statuses == {"/open": 200, "/closed": 401, "/open/": 401, "/nowhere": 401, "/openapi.json": 401}
