import base64
import io
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from tests.support.server import Answer, running_server

from fieldwise_common.lambda_transport import InvocationFailed, LambdaTransport, as_event, make_http_client, split_target

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:Inference:live"


class Function:
    """Lambda's Invoke with a fixed response."""

    def __init__(self, payload: object, error: str = "") -> None:
        self.payload = payload
        self.error = error
        self.invoked: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 boto3's own names
        self.invoked.append({"name": FunctionName, "event": json.loads(Payload)})
        if isinstance(self.payload, Exception):
            raise self.payload
        content = self.payload if isinstance(self.payload, bytes) else json.dumps(self.payload).encode()
        return {"Payload": io.BytesIO(content), **({"FunctionError": self.error} if self.error else {})}


def client_of(function: Function, target: str = ARN) -> httpx.Client:
    return httpx.Client(base_url=f"lambda:///{target}", mounts={"lambda://": LambdaTransport(function)})


def test_the_target_is_the_first_segment_of_the_path() -> None:
    assert split_target(f"/{ARN}/ml/classify") == (ARN, "/ml/classify")
    assert split_target("/Inference%3Alive/") == ("Inference:live", "/")


def test_a_request_becomes_an_event_and_the_result_a_response() -> None:
    function = Function({"statusCode": 202, "headers": {"content-type": "application/json"}, "body": '{"é": 1}'})

    response = client_of(function).post("/ml/classify?debug=1&x=%20y", json={"label": "Prénom"}, headers={"Authorization": "Bearer t"})

    assert (response.status_code, response.json()) == (202, {"é": 1})
    (invoked,) = function.invoked
    event = invoked["event"]
    assert invoked["name"] == ARN
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/ml/classify", "debug=1&x=%20y")
    assert event["requestContext"]["http"]["method"] == "POST"
    assert (event["headers"]["authorization"], event["headers"]["content-type"]) == ("Bearer t", "application/json")
    assert json.loads(base64.b64decode(event["body"])) == {"label": "Prénom"}


def test_a_request_without_a_body_is_an_event_without_one() -> None:
    event = as_event(httpx.Request("GET", "lambda:///f/ml/health"), "/ml/health")

    assert (event["body"], event["isBase64Encoded"]) == (None, False)


def test_a_base64_body_is_decoded() -> None:
    function = Function({"statusCode": 200, "body": base64.b64encode(b"\x00\xff").decode(), "isBase64Encoded": True})

    assert client_of(function).get("/").content == b"\x00\xff"


def test_a_result_without_a_body_is_an_empty_response() -> None:
    assert client_of(Function({"statusCode": 204})).get("/").content == b""


@pytest.mark.parametrize("failure", [ReadTimeoutError(endpoint_url="x"), ConnectTimeoutError(endpoint_url="x")])
def test_an_invocation_that_takes_too_long_is_a_timeout(failure: Exception) -> None:
    with pytest.raises(httpx.TimeoutException):
        client_of(Function(failure)).get("/")


def test_a_body_that_stalls_is_a_timeout() -> None:
    class Stalled(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise ReadTimeoutError(endpoint_url="x")

    class Stalling(Function):
        def invoke(self, **_: Any) -> Mapping[str, Any]:
            return {"Payload": Stalled()}

    with pytest.raises(httpx.ReadTimeout):
        client_of(Stalling(None)).get("/")


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "tell-nobody"}}, "Invoke"), "TooManyRequestsException"),
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": "tell-nobody"}}, "Invoke"), "AccessDeniedException"),
        (EndpointConnectionError(endpoint_url="x"), "EndpointConnectionError"),
    ],
)
def test_a_failed_invocation_is_a_connection_error_with_lambdas_code(failure: Exception, code: str) -> None:
    with pytest.raises(InvocationFailed) as refused:
        client_of(Function(failure)).get("/")

    assert isinstance(refused.value, httpx.ConnectError)
    assert refused.value.code == code
    assert "tell-nobody" not in str(refused.value)


@pytest.mark.parametrize(
    ("payload", "error", "named"),
    [
        ({"errorType": "MemoryError", "errorMessage": "tell-nobody"}, "Unhandled", "MemoryError"),
        (["no", "dict"], "", "no answer"),
        ({"hello": 1}, "", "no answer"),
        (b"", "", "no answer"),
    ],
)
def test_a_failed_function_is_a_connection_error_with_its_error_type(payload: object, error: str, named: str) -> None:
    with pytest.raises(InvocationFailed) as refused:
        client_of(Function(payload, error)).get("/")

    assert refused.value.code == named
    assert "tell-nobody" not in str(refused.value)


def test_a_result_that_is_not_json_is_a_protocol_error() -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client_of(Function(b"<html>")).get("/")


def test_a_lambda_url_is_invoked_once_through_lambdas_api_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_server() as server:
        for name, value in {
            "AWS_ENDPOINT_URL_LAMBDA": server.url,
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }.items():
            monkeypatch.setenv(name, value)
        path = "/2015-03-31/functions/Inference/invocations"
        client = make_http_client("lambda:///Inference", 0.3)

        server.answers[path] = Answer(body={"statusCode": 200, "body": "fine"})
        answer = client.post("/ml/classify", json={}).text
        server.answers[path] = Answer(after_seconds=1.0)
        with pytest.raises(httpx.ReadTimeout):
            client.post("/ml/classify", json={})

        assert answer == "fine"
        assert len(server.received) == 2


def test_an_http_url_goes_over_the_network() -> None:
    with running_server() as server:
        server.answers["/ml/health"] = Answer(body={"ok": True})
        server.answers["/slow"] = Answer(after_seconds=1.0)
        client = make_http_client(server.url, 0.3)

        assert client.get("/ml/health").json() == {"ok": True}
        with pytest.raises(httpx.ReadTimeout):
            client.get("/slow")
