"""Calls another function through httpx, over the network or through Lambda's Invoke.

Why HTTP goes over Invoke: inference then needs no endpoint of its own, and IAM authorises the call, while the same client
reaches it by URL wherever else it runs (docs/decisions/0001-a-lambda-calls-a-lambda.md). A request to
`lambda:///<function name or ARN>[:alias]/path` is sent as an API Gateway event (payload format 2.0), and the result becomes
an ordinary httpx response. The target is the first path segment, because httpx lower-cases hosts.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote

import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from fieldwise_common import CODE_VERSION
from fieldwise_common.aws import CALL_ERRORS, code_of

SCHEME = "lambda"


class InvocationFailed(httpx.ConnectError):
    """The function could not be invoked, or failed without a response.

    `code` is Lambda's error code (`TooManyRequestsException`), or the type of the error that ended the function.
    """

    def __init__(self, message: str, code: str, request: httpx.Request) -> None:
        super().__init__(f"{message}: {code}", request=request)
        self.code = code


class LambdaClient(Protocol):
    """The method of boto3's Lambda client that is used here."""

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 boto3's own names
        """Invokes a function and waits for its result."""


def split_target(path: str) -> tuple[str, str]:
    """`/name:alias/ml/classify` → (`name:alias`, `/ml/classify`)."""
    target, _, rest = path.lstrip("/").partition("/")
    return unquote(target), "/" + rest


def as_event(request: httpx.Request, path: str) -> dict[str, Any]:
    """An httpx request as an API Gateway HTTP API event, payload format 2.0."""
    body = request.read()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.url.query.decode(),
        "headers": {k.lower(): v for k, v in request.headers.items()},
        "requestContext": {
            "http": {"method": request.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "fieldwise"},
            "stage": "$default",
            "requestId": "",
            "routeKey": "$default",
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


class LambdaTransport(httpx.BaseTransport):
    """Sends requests for `lambda:///target/path` by `lambda:Invoke`. One attempt: whether to retry is the caller's decision."""

    def __init__(self, client: LambdaClient) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx errors, as the network does: ReadTimeout, InvocationFailed (a ConnectError), or RemoteProtocolError."""
        target, path = split_target(request.url.path)
        try:
            answer = self._client.invoke(FunctionName=target, Payload=json.dumps(as_event(request, path)).encode())
            content = answer["Payload"].read()
        except (ReadTimeoutError, ConnectTimeoutError) as error:
            raise httpx.ReadTimeout("the function did not answer in time", request=request) from error
        except CALL_ERRORS as error:
            raise InvocationFailed("the function can't be invoked", code_of(error), request) from error
        try:
            payload = json.loads(content or "null")
        except ValueError as error:
            raise httpx.RemoteProtocolError("the function did not return JSON", request=request) from error
        if answer.get("FunctionError") or not isinstance(payload, dict) or "statusCode" not in payload:
            kind = payload.get("errorType", "") if isinstance(payload, dict) else ""
            raise InvocationFailed("the function failed", str(kind or "no answer"), request)
        body = payload.get("body") or ""
        decoded = base64.b64decode(body) if payload.get("isBase64Encoded") else body.encode()
        return httpx.Response(payload["statusCode"], headers=payload.get("headers") or {}, content=decoded, request=request)


def lambda_client(timeout_seconds: float) -> LambdaClient:
    """boto3's Lambda client with one attempt and a read timeout of `timeout_seconds`.

    A fixed user agent, and no validation of parameters, which Lambda does too, save a sixth of a call's processor time.
    """
    limits = Config(
        read_timeout=timeout_seconds,
        connect_timeout=min(timeout_seconds, 2.0),
        retries={"total_max_attempts": 1},
        parameter_validation=False,
        user_agent=f"fieldwise/{CODE_VERSION}",
    )
    client: LambdaClient = boto3.client("lambda", config=limits)
    return client


def make_http_client(base_url: str, timeout_seconds: float) -> httpx.Client:
    """A client for `base_url` (`http://…`, `https://…` or `lambda:///…`); one attempt per request, limited to `timeout_seconds`."""
    if base_url.startswith(f"{SCHEME}:"):
        transport = LambdaTransport(lambda_client(timeout_seconds))
        return httpx.Client(base_url=base_url, timeout=timeout_seconds, mounts={f"{SCHEME}://": transport})
    return httpx.Client(base_url=base_url, timeout=timeout_seconds)
