"""The backend's real handler on recorded events, with moto in server mode and inference behind a real socket."""

import base64
import importlib
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, Server, running_server

from fieldwise_backend.dependencies import production
from fieldwise_common.decision_log import decode

EVENT = json.loads((Path(__file__).parents[1] / "support" / "events" / "http_api_v2.json").read_text(encoding="utf-8"))
CANARY = "tell-nobody"

# Powertools warns at each invocation without metrics; a test's warning filters take precedence over the handler's own
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")

Invoke = Callable[..., dict[str, Any]]


@dataclass
class Context:
    function_name: str = "backend"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:backend"
    aws_request_id: str = "6f1c2a4e"


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def handler(moto_url: str, server: Server, issuer: Issuer) -> Iterator[Any]:
    """`fieldwise_backend.handler` as a cold start imports it."""
    server.answers["/.well-known/jwks.json"] = Answer(body=issuer.jwks())
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ENDPOINT_URL": moto_url,
            "AWS_ENDPOINT_URL_LAMBDA": server.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "ML_SERVICE_URL": "lambda:///inference:live",
            "PROFILES_TABLE": "profiles",
            "DECISION_STREAM": "decisions",
            "USER_HASH_SECRET": "user-hash-key",
            "MODEL_STORE": "s3://data/models",
            "AUTH_ISSUER": ISSUER,
            "AUTH_AUDIENCE": AUDIENCE,
            "AUTH_JWKS_URL": f"{server.url}/.well-known/jwks.json",
        }.items():
            environment.setenv(name, value)
        _make_resources()
        production.cache_clear()
        sys.modules.pop("fieldwise_backend.handler", None)
        yield importlib.import_module("fieldwise_backend.handler")
        production.cache_clear()


def _make_resources() -> None:
    boto3.client("dynamodb").create_table(
        TableName="profiles",
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("s3").create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    destination = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": "arn:aws:s3:::data", "Prefix": "decisions/"}
    boto3.client("firehose").create_delivery_stream(DeliveryStreamName="decisions", ExtendedS3DestinationConfiguration=destination)
    boto3.client("secretsmanager").create_secret(Name="user-hash-key", SecretString="a-key-for-tests")


@pytest.fixture
def invoke(handler: Any, issuer: Issuer) -> Invoke:
    def call(
        method: str, path: str, body: object = None, token: str | None = None, raw: str = "", is_base64: bool = True, **headers: str | None
    ) -> dict[str, Any]:
        event = json.loads(json.dumps(EVENT))
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        event["requestContext"]["http"]["method"] = method
        sent = event["headers"] | {"authorization": f"Bearer {token or issuer.token()}", **headers}
        event["headers"] = {name: value for name, value in sent.items() if value is not None}
        text = json.dumps(body) if body is not None else raw
        if text:
            event |= {"body": base64.b64encode(text.encode()).decode() if is_base64 else text, "isBase64Encoded": is_base64}
        answer: dict[str, Any] = handler.lambda_handler(event, Context())
        return {**answer, "json": json.loads(answer["body"]) if answer["body"] else None}

    return call


def test_a_profile_is_written_and_read_through_events(invoke: Invoke) -> None:
    written = invoke("PUT", "/api/profile", {"username": "ada"})
    found = invoke("GET", "/api/profile")

    assert (written["statusCode"], found["statusCode"], found["json"]) == (200, 200, {"username": "ada"})
    assert found["headers"]["etag"] == written["headers"]["etag"]
    assert invoke("PUT", "/api/profile", {}, **{"if-match": '"other"'})["statusCode"] == 412


def test_inference_is_invoked_as_a_function_and_its_decisions_are_logged(invoke: Invoke, server: Server) -> None:
    decision = {
        "decision_id": "d-1",
        "selector": "#mail",
        "label": "E-mail",
        "placeholder": "",
        "field_type": "email",
        "required": False,
        "predicted": "email",
        "score": 0.9,
        "threshold_used": 0.5,
        "confidence_signals": [],
        "decision": "accepted",
        "method": "semantic",
        "text": "E-mail",
    }
    classified = {"matches": [{"selector": "#mail", "canonical": "email"}], "model_version": "v1", "decisions": [decision]}
    path = "/2015-03-31/functions/inference%3Alive/invocations"
    server.answers[path] = Answer(body={"statusCode": 200, "headers": {}, "body": json.dumps(classified), "isBase64Encoded": False})

    answer = invoke("POST", "/api/autofill/classify", {"fields": [{"selector": "#mail"}]})

    assert (answer["statusCode"], answer["json"]["model_version"]) == (200, "v1")
    event = server.last(path).json()
    assert (event["rawPath"], event["requestContext"]["http"]["method"]) == ("/ml/classify", "POST")
    assert event["headers"]["authorization"].startswith("Bearer ey")
    s3 = boto3.client("s3")
    (entry,) = s3.list_objects_v2(Bucket="data", Prefix="decisions/")["Contents"]
    (row,) = decode(s3.get_object(Bucket="data", Key=entry["Key"])["Body"].read().decode(), entry["Key"])
    assert (row.decision_id, row.model_version, len(row.user_hash)) == ("d-1", "v1", 64)


@pytest.mark.parametrize("is_base64", [True, False])
@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_a_body_is_read_as_json_whatever_its_content_type(invoke: Invoke, content_type: str | None, is_base64: bool) -> None:
    typed = {"content-type": content_type}

    written = invoke("PUT", "/api/profile", {"username": "ada"}, is_base64=is_base64, **typed)
    patched = invoke("PATCH", "/api/profile", {"username": "eve"}, is_base64=is_base64, **typed)
    refused = invoke("POST", "/api/autofill/classify", {"fields": []}, is_base64=is_base64, **typed)
    given = invoke("POST", "/api/autofill/feedback", {"selector": "#a", "canonical": "none", "feedback": "correct"}, **typed)
    not_json = invoke("POST", "/api/autofill/fill", raw="matches=1", is_base64=is_base64, **typed)

    assert [answer["statusCode"] for answer in (written, patched, refused, given, not_json)] == [200, 200, 422, 202, 400]
    assert patched["json"] == {"username": "eve"}
    assert not_json["json"]["type"] == "urn:fieldwise:problem:not-json"


def test_a_crash_of_the_invoked_function_is_a_503(invoke: Invoke, server: Server) -> None:
    path = "/2015-03-31/functions/inference%3Alive/invocations"
    server.answers[path] = Answer(500, {"Type": "Service", "Message": "crash"})

    answer = invoke("POST", "/api/autofill/classify", {"fields": [{"selector": "#mail"}]})

    assert (answer["statusCode"], answer["json"]["type"]) == (503, "urn:fieldwise:problem:inference-unavailable")
    assert "retry-after" in answer["headers"]


def test_the_gateways_claims_do_not_replace_the_token(invoke: Invoke, issuer: Issuer) -> None:
    for name, token in issuer.forgeries().items():
        assert invoke("GET", "/api/profile", token=token)["statusCode"] == 401, name


def test_a_bug_is_a_500_and_no_user_data_is_logged(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise KeyError(CANARY)

    monkeypatch.setattr("fieldwise_backend.profile.service.parse_profile", broken)
    caplog.set_level(logging.DEBUG)

    answer = invoke("PUT", "/api/profile", {"username": CANARY})

    out, err = capfd.readouterr()
    assert (answer["statusCode"], answer["json"]["type"]) == (500, "urn:fieldwise:problem:internal")
    assert CANARY not in answer["body"] + caplog.text + out + err


def test_health_needs_no_token(invoke: Invoke) -> None:
    assert invoke("GET", "/health", token="none at all")["json"]["status"] == "ok"
