import io
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from tests.support.server import Answer, running_server

from fieldwise_training.release.reload import reload_inference

VERSION = "embeddings_v20261122T101500Z-3f9a2c"


class Function:
    """A Lambda client with a given response."""

    def __init__(self, payload: bytes = b"", error: str | None = None, fault: Exception | None = None) -> None:
        self.invoked: list[tuple[str, bytes]] = []
        self._response = {"Payload": io.BytesIO(payload), **({"FunctionError": error} if error else {})}
        self._fault = fault

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 boto3's own names
        self.invoked.append((FunctionName, Payload))
        if self._fault is not None:
            raise self._fault
        return self._response


@pytest.mark.parametrize("path", ["", "/", "/reload"])
def test_over_http_a_reload_is_posted_with_the_token(path: str) -> None:
    with running_server() as server:
        server.answers["/reload"] = Answer(body={"model_version": VERSION, "changed": True})

        assert reload_inference(server.url + path, "a-token", VERSION)

        assert (server.last("/reload").method, server.last("/reload").headers["authorization"]) == ("POST", "Bearer a-token")


def test_without_a_token_there_is_no_authorization_header() -> None:
    with running_server() as server:
        server.answers["/reload"] = Answer(body={"model_version": VERSION})

        assert reload_inference(server.url, "", VERSION)

        assert "authorization" not in server.last("/reload").headers


@pytest.mark.parametrize(
    "response", [Answer(500, {}), Answer(401, {}), Answer(body=b"<html>"), Answer(body=[]), Answer(body={"model_version": "an-older-one"})]
)
def test_a_response_without_the_version_is_neither_success_nor_error(response: Answer) -> None:
    with running_server() as server:
        server.answers["/reload"] = response

        assert reload_inference(server.url, "", VERSION) is False


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1", "http://[", "ftp://inference"])
def test_an_address_that_can_not_be_reached_is_not_an_error(url: str) -> None:
    assert reload_inference(url, "", VERSION) is False


def test_a_function_is_invoked_directly() -> None:
    function = Function(b'{"model_version":"%s","changed":true}' % VERSION.encode())

    assert reload_inference("lambda:///arn:aws:lambda:eu-west-1:123456789012:function:Inference:live", "", VERSION, function)

    assert function.invoked == [("arn:aws:lambda:eu-west-1:123456789012:function:Inference:live", b'{"action":"reload"}')]


@pytest.mark.parametrize(
    "function",
    [
        Function(b'{"errorType":"CorruptVersion"}', error="Unhandled"),
        Function(b""),
        Function(fault=ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Invoke")),
        Function(fault=EndpointConnectionError(endpoint_url="http://nowhere")),
    ],
)
def test_a_function_that_fails_is_not_an_error(function: Function) -> None:
    assert reload_inference("lambda:///inference", "", VERSION, function) is False
