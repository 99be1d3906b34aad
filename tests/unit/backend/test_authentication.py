import pytest
from fastapi.testclient import TestClient
from tests.support.issuer import Issuer
from tests.support.server import Answer, Server

ROUTES = [
    ("POST", "/api/autofill/classify"),
    ("POST", "/api/autofill/fill"),
    ("POST", "/api/autofill/feedback"),
    ("POST", "/api/autofill/debug/threshold"),
    ("GET", "/api/autofill/memory"),
    ("DELETE", "/api/autofill/memory"),
    ("GET", "/api/autofill/overrides"),
    ("PUT", "/api/autofill/overrides"),
    ("DELETE", "/api/autofill/overrides"),
    ("GET", "/api/profile"),
    ("PUT", "/api/profile"),
    ("PATCH", "/api/profile"),
    ("DELETE", "/api/profile"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/no/such/path"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_checks_the_token_before_the_body(api: TestClient, method: str, path: str) -> None:
    del api.headers["Authorization"]

    answer = api.request(method, path, content=b"not json")

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:fieldwise:problem:unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_health_is_open_and_reveals_nothing_private(api: TestClient) -> None:
    del api.headers["Authorization"]

    answer = api.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": "0.1.0"})


def test_the_openapi_document_is_served_to_authenticated_callers(api: TestClient) -> None:
    assert api.get("/openapi.json").json()["info"]["title"] == "Fieldwise"
    assert api.get("/docs").status_code == 404


def test_every_forged_token_is_refused(api: TestClient, issuer: Issuer) -> None:
    answers = {name: api.get("/api/profile", headers={"Authorization": f"Bearer {t}"}) for name, t in issuer.forgeries().items()}

    statuses = {name: answer.status_code for name, answer in answers.items()}

    assert statuses == dict.fromkeys(statuses, 401)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer\u00e9 x"])
def test_a_header_without_a_bearer_token_is_refused(api: TestClient, header: str) -> None:
    assert api.get("/api/profile", headers={b"Authorization": header.encode("latin-1")}).status_code == 401


def test_a_token_that_cannot_be_verified_is_refused(api: TestClient, server: Server) -> None:
    server.answers["/jwks"] = Answer(500, {})

    assert api.get("/api/profile").status_code == 401


def test_a_cognito_access_token_names_its_client(api: TestClient, issuer: Issuer) -> None:
    token = issuer.token(aud=None, client_id="fieldwise")

    assert api.get("/api/profile", headers={"Authorization": f"bearer {token}"}).status_code == 404
