import socket
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from tests.support.server import Answer, Server
from tests.unit.backend.conftest import Lines

from fieldwise_backend.adapters.inference import HttpInference
from fieldwise_common.errors import InferenceUnavailable
from fieldwise_common.lambda_transport import InvocationFailed
from fieldwise_common.wire import MlClassifyRequest

FIELDS = {"fields": [{"selector": "#a"}]}
PROBLEM = "application/problem+json"
PREFIX = "urn:fieldwise:problem:"


def classify(api: TestClient) -> httpx.Response:
    answer: Any = api.post("/api/autofill/classify", json=FIELDS)
    assert answer.headers["content-type"] == PROBLEM
    response: httpx.Response = answer
    return response


def test_a_timeout_of_inference_is_a_504_with_retry_after(api: TestClient, server: Server) -> None:
    server.answers["/ml/classify"] = Answer(after_seconds=1.0)

    answer = classify(api)

    assert (answer.status_code, answer.json()["type"]) == (504, f"{PREFIX}inference-timeout")
    assert int(answer.headers["retry-after"]) > 0


def test_a_refused_connection_to_inference_is_a_503_with_retry_after(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    inference = HttpInference(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
    app: Any = api.app
    monkeypatch.setattr(app.state.dependencies.autofill, "_inference", inference)

    answer = classify(api)

    assert (answer.status_code, answer.json()["type"]) == (503, f"{PREFIX}inference-unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("answer", "status", "slug"),
    [
        (Answer(500, "crash"), 503, "inference-unavailable"),
        (Answer(502, b"<html>"), 503, "inference-unavailable"),
        (Answer(429, {"message": "slow down"}), 503, "inference-unavailable"),
        (Answer(404, {"detail": "Not Found"}), 503, "inference-unavailable"),
        (Answer(504, {"message": "Endpoint request timed out"}), 504, "inference-timeout"),
        (Answer(401, {"message": "Unauthorized"}), 401, "unauthenticated"),
        (Answer(403, {"detail": "no"}, PROBLEM), 403, "forbidden"),
        (Answer(413, {"detail": "too many"}, PROBLEM), 413, "request-too-large"),
        (Answer(503, {"type": f"{PREFIX}no-version-published", "detail": "train first"}, PROBLEM), 503, "no-version-published"),
        (Answer(503, {"type": f"{PREFIX}model-unusable"}, PROBLEM), 503, "model-unusable"),
        (Answer(503, b"not json", PROBLEM), 503, "inference-unavailable"),
        (Answer(503, ["a list"], PROBLEM), 503, "inference-unavailable"),
        (Answer(200, b"not json"), 503, "inference-unavailable"),
        (Answer(200, {"matches": "none"}), 503, "inference-unavailable"),
        (Answer(200, b'{"matches": [{"selector": "a", "canonical": "b", "score": NaN}]}'), 503, "inference-unavailable"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_an_error_of_inference_becomes_a_problem_document(api: TestClient, server: Server, answer: Answer, status: int, slug: str) -> None:
    server.answers["/ml/classify"] = answer

    found = classify(api)

    assert (found.status_code, found.json()["type"]) == (status, PREFIX + slug)
    assert ("retry-after" in found.headers) == (status in (503, 504))
    assert ("www-authenticate" in found.headers) == (status == 401)


def test_faults_that_inference_finds_are_passed_on_to_the_client(api: TestClient, server: Server) -> None:
    fault = {"pointer": "/fields/0/type", "detail": "unheard of"}
    server.answers["/ml/classify"] = Answer(422, {"detail": "wrong: /fields/0/type", "errors": [fault, "noise"]}, PROBLEM)

    answer = classify(api)

    assert (answer.status_code, answer.json()["errors"]) == (422, [fault])


def test_a_broken_connection_is_reported_by_its_type_alone() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("Illegal header value b'Bearer tell-nobody'", request=request)

    inference = HttpInference(httpx.Client(base_url="http://inference", transport=httpx.MockTransport(broken)))

    with pytest.raises(InferenceUnavailable, match=r"^inference can't be reached: RemoteProtocolError$"):
        inference.classify(MlClassifyRequest.model_validate(FIELDS), "Bearer x")


@pytest.mark.parametrize("code", ["TooManyRequestsException", "AccessDeniedException", "Sandbox.Timedout"])
def test_the_reason_for_a_failed_invocation_is_logged(api: TestClient, monkeypatch: pytest.MonkeyPatch, logged: Lines, code: str) -> None:
    def failing(request: httpx.Request) -> httpx.Response:
        raise InvocationFailed("the function can't be invoked", code, request)

    inference = HttpInference(httpx.Client(base_url="lambda:///inference", mounts={"lambda://": httpx.MockTransport(failing)}))
    app: Any = api.app
    monkeypatch.setattr(app.state.dependencies.autofill, "_inference", inference)

    classify(api)

    (line,) = logged.named("request failed")
    assert (line.error, line.detail) == ("InferenceUnavailable", f"inference can't be reached: {code}")
