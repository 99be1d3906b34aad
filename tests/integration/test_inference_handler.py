"""The real handler with a store in S3: Lambda events in, Lambda responses out."""

import base64
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.metrics.provider.cold_start import reset_cold_start_flag
from moto import mock_aws
from snapshot_restore_py import get_after_restore
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, running_server
from tests.support.tiny_version import publish

from fieldwise_common.errors import CorruptVersion, InvalidRequest, NoVersionPublished, SettingsError
from fieldwise_common.observability import metrics
from fieldwise_common.store.s3 import S3Objects, s3_client

BUCKET = "fieldwise-data"
MODULE = "fieldwise_inference.handler"
CONTEXT = SimpleNamespace(
    function_name="inference",
    memory_limit_in_mb=1769,
    invoked_function_arn="arn:aws:lambda:eu-west-1:1:function:inference",
    aws_request_id="1",
)


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, issuer: Issuer, tmp_path: Path) -> Iterator[S3Objects]:
    """An empty store in S3, and the environment the template gives the function."""
    reset_cold_start_flag()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with mock_aws(config={"core": {"passthrough": {"urls": ["http://127.0.0.1.*"]}}}), running_server() as server:
        server.answers["/jwks"] = Answer(body=issuer.jwks())
        monkeypatch.setenv("MODEL_STORE", f"s3://{BUCKET}/models")
        monkeypatch.setenv("MODEL_POLL_SECONDS", "3600")
        monkeypatch.setenv("AUTH_ISSUER", ISSUER)
        monkeypatch.setenv("AUTH_AUDIENCE", AUDIENCE)
        monkeypatch.setenv("AUTH_JWKS_URL", f"{server.url}/jwks")
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield S3Objects(BUCKET, "models", s3_client())
    sys.modules.pop(MODULE, None)
    metrics.clear_metrics()


@pytest.fixture
def started(bucket: S3Objects) -> Callable[[], ModuleType]:
    """Starts the function: its module is imported afresh, as in a new execution environment."""

    def start() -> ModuleType:
        sys.modules.pop(MODULE, None)
        reset_cold_start_flag()
        return importlib.import_module(MODULE)

    return start


def event(method: str, path: str, body: object = None, token: str = "") -> dict[str, Any]:
    """An HTTP API event, payload format 2.0, as the backend's Invoke sends it."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "authorization": f"Bearer {token}"},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "fieldwise"},
            "stage": "$default",
            "requestId": "",
            "routeKey": "$default",
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def test_a_form_is_classified_and_filled_through_lambda_events(
    bucket: S3Objects, started: Callable[[], ModuleType], issuer: Issuer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = publish(bucket, tmp_path / "scratch")
    handler = started().lambda_handler

    classified = handler(event("POST", "/ml/classify", {"fields": [{"selector": "#a", "label": "First name"}]}, issuer.token()), CONTEXT)
    matches = json.loads(classified["body"])["matches"]
    filled = handler(event("POST", "/ml/fill", {"matches": matches, "user_profile": {"given-name": "Augusta"}}, issuer.token()), CONTEXT)

    assert classified["statusCode"] == 200
    assert json.loads(classified["body"])["model_version"] == version
    assert json.loads(filled["body"])["fills"][0]["value"] == "Augusta"
    printed = capsys.readouterr().out
    assert '"FieldsClassified"' in printed
    assert '"ColdStart"' in printed
    assert "Augusta" not in printed


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_is_read_as_json_whatever_its_content_type(
    bucket: S3Objects, started: Callable[[], ModuleType], issuer: Issuer, tmp_path: Path, content_type: str | None
) -> None:
    publish(bucket, tmp_path / "scratch")
    asked = event("POST", "/ml/classify", {"fields": [{"selector": "#a", "label": "First name"}]}, issuer.token())
    headers = {"authorization": asked["headers"]["authorization"]} | ({"content-type": content_type} if content_type else {})

    answer = started().lambda_handler({**asked, "headers": headers}, CONTEXT)

    assert answer["statusCode"] == 200
    assert [m["canonical"] for m in json.loads(answer["body"])["matches"]] == ["given-name"]


def test_a_body_in_base64_is_decoded_and_a_header_is_found_in_any_case(
    bucket: S3Objects, started: Callable[[], ModuleType], issuer: Issuer, tmp_path: Path
) -> None:
    publish(bucket, tmp_path / "scratch")
    asked = event("POST", "/ml/classify", {"fields": [{"selector": "#a", "label": "First name"}]}, issuer.token())
    encoded = base64.b64encode(asked["body"].encode("utf-16")).decode()

    answer = started().lambda_handler(
        {**asked, "body": encoded, "isBase64Encoded": True, "headers": {"Authorization": asked["headers"]["authorization"]}}, CONTEXT
    )

    assert answer["statusCode"] == 200
    assert [m["canonical"] for m in json.loads(answer["body"])["matches"]] == ["given-name"]


def test_a_token_is_required_without_a_gateway_in_front(bucket: S3Objects, started: Callable[[], ModuleType], tmp_path: Path) -> None:
    publish(bucket, tmp_path / "scratch")
    handler = started().lambda_handler

    refused = handler(event("POST", "/ml/fill", {"matches": [], "user_profile": {}}), CONTEXT)
    health = handler(event("GET", "/ml/health"), CONTEXT)

    assert refused["statusCode"] == 401
    assert health["statusCode"] == 200


def test_direct_invocations_need_no_http(bucket: S3Objects, started: Callable[[], ModuleType], tmp_path: Path) -> None:
    version = publish(bucket, tmp_path / "scratch")
    handler = started().lambda_handler
    assert handler({"action": "warm"}, CONTEXT) == {"model_version": version}
    newer = publish(bucket, tmp_path / "scratch", "second", {"nickname": ("Nick",)})

    assert handler({"action": "warm"}, CONTEXT) == {"model_version": version}
    assert handler({"action": "reload"}, CONTEXT) == {"model_version": newer, "changed": True}
    assert handler({"action": "reload"}, CONTEXT) == {"model_version": newer, "changed": False}


def test_a_restored_snapshot_serves_the_current_version_and_counts_nothing_twice(
    bucket: S3Objects,
    started: Callable[[], ModuleType],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(bucket, tmp_path / "scratch")
    handler = started().lambda_handler
    counted = capsys.readouterr().out
    newer = publish(bucket, tmp_path / "scratch", "second", {"nickname": ("Nick",)})

    restore, arguments, options = get_after_restore()[-1]
    restore(*arguments, **options)
    health = json.loads(handler(event("GET", "/ml/health"), CONTEXT)["body"])

    assert health["model_version"] == newer
    assert '"StoreTime"' in counted
    [restored] = [record.__dict__["phases"] for record in caplog.records if record.getMessage() == "restored"]
    assert health["start"] == restored
    assert "total" in restored
    assert "imports" not in restored


@pytest.mark.parametrize(
    "unknown",
    [{"action": "tell-nobody"}, {"action": ["tell-nobody"]}, {"rawPath": "/tell-nobody"}, {}],
    ids=["typo", "list", "no HTTP", "empty"],
)
def test_an_event_that_is_neither_an_action_nor_http_fails_the_invocation_and_is_not_logged(
    bucket: S3Objects,
    started: Callable[[], ModuleType],
    unknown: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler = started().lambda_handler

    with pytest.raises(InvalidRequest, match="the actions are reload and warm") as refused:
        handler(unknown, CONTEXT)

    written = str(refused.value) + "".join(capsys.readouterr()) + str([vars(record) for record in caplog.records])
    assert "tell-nobody" not in written


def test_without_a_version_the_function_starts_and_reports_what_is_missing(bucket: S3Objects, started: Callable[[], ModuleType]) -> None:
    handler = started().lambda_handler

    health = handler(event("GET", "/ml/health"), CONTEXT)

    assert health["statusCode"] == 503
    assert BUCKET not in health["body"]
    with pytest.raises(NoVersionPublished):
        handler({"action": "warm"}, CONTEXT)


def test_a_damaged_version_fails_the_direct_reload_by_name_and_the_old_one_stays_in_use(
    bucket: S3Objects, started: Callable[[], ModuleType], tmp_path: Path
) -> None:
    version = publish(bucket, tmp_path / "scratch")
    handler = started().lambda_handler
    handler({"action": "warm"}, CONTEXT)
    bad = publish(bucket, tmp_path / "scratch", "second", {"nickname": ("Nick",)}, damage={"index.faiss": b"half"})

    with pytest.raises(CorruptVersion, match=bad):
        handler({"action": "reload"}, CONTEXT)

    assert handler({"action": "warm"}, CONTEXT) == {"model_version": version}
    health = json.loads(handler(event("GET", "/ml/health"), CONTEXT)["body"])
    assert health["model_version"] == version
    assert bad in health["error"]


def test_a_damaged_version_does_not_prevent_the_function_from_starting(
    bucket: S3Objects, started: Callable[[], ModuleType], issuer: Issuer, tmp_path: Path
) -> None:
    bad = publish(bucket, tmp_path / "scratch", damage={"encoder.onnx": b"half"})
    handler = started().lambda_handler

    answer = handler(event("POST", "/ml/classify", {"fields": [{"selector": "#a"}]}, issuer.token()), CONTEXT)

    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["type"] == "urn:fieldwise:problem:model-unusable"
    assert bad in json.loads(answer["body"])["detail"]


def test_a_missing_setting_stops_the_function_naming_the_key(started: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_STORE")

    with pytest.raises(SettingsError, match="MODEL_STORE"):
        started()
