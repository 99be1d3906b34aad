"""Each handler under Lambda's Runtime Interface Emulator, started as its container starts it."""

import json
import os
import platform
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, Server, running_server
from tests.support.tiny_version import publish

from fieldwise_common.store.folder import FolderObjects
from local.runtime.task_root import lay_out
from local.template.blueprint import Blueprint

ROOT = Path(__file__).parents[2]
EMULATOR = f"samcli/local/rapid/aws-lambda-rie-{'arm64' if platform.machine() in {'arm64', 'aarch64'} else 'x86_64'}"
AUTH = {"AUTH_ISSUER": "https://issuer.example", "AUTH_AUDIENCE": "fieldwise"}
NOWHERE = "http://127.0.0.1:9"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def emulated(logical_id: str, environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """The URL for invoking a function of the template, which can import its own code and nothing else."""
    (emulator,) = (ROOT / ".venv-sam").glob(f"lib/python*/site-packages/{EMULATOR}")
    blueprint = Blueprint(ROOT / "template.yaml", {"AuthIssuer": "https://issuer.example", "AuthAudience": "fieldwise"}, "test")
    (plan,) = [plan for plan in blueprint.functions() if plan.logical_id == logical_id]
    task = lay_out(plan.source, folder / "task")
    address = f"127.0.0.1:{free_port()}"
    path = [*map(str, task.path), sysconfig.get_path("purelib")]
    process = subprocess.Popen(
        [
            str(emulator),
            *("--runtime-interface-emulator-address", address),
            *("--runtime-api-address", f"127.0.0.1:{free_port()}"),
            *(sys.executable, "-S", "-m", "awslambdaric", task.handler),
        ],
        env={
            "AWS_ENDPOINT_URL": NOWHERE,
            **environment,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": ":".join(path),
            "LAMBDA_TASK_ROOT": str(task.folder),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "POWERTOOLS_SERVICE_NAME": logical_id,
        },
        cwd=task.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(address, process)
        yield f"http://{address}/2015-03-31/functions/function/invocations"
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    host, _, port = address.partition(":")
    for _ in range(100):
        assert process.poll() is None, "the emulator ended"
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the emulator does not listen")


def invoke(url: str, event: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.post(url, json=event, timeout=90).json()
    return answer


def http_event(method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example", **headers},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "requestId": "r",
            "stage": "$default",
        },
        **({"body": json.dumps(body)} if body is not None else {}),
        "isBase64Encoded": False,
    }


def backend(folder: Path) -> dict[str, str]:
    return {
        **AUTH,
        "ML_SERVICE_URL": NOWHERE,
        "PROFILES_TABLE": "profiles",
        "DECISION_STREAM": "decisions",
        "USER_HASH_SECRET": "secret",
        "MODEL_STORE": str(folder / "models"),
    }


def inference(folder: Path) -> dict[str, str]:
    publish(FolderObjects(folder / "models"), folder / "scratch")
    return {**AUTH, "MODEL_STORE": str(folder / "models")}


def training(folder: Path) -> dict[str, str]:
    return {"MODEL_STORE": str(folder / "models")}


@pytest.mark.parametrize(
    ("logical_id", "environment", "event", "expected"),
    [
        ("BackendFunction", backend, http_event("GET", "/health"), {"statusCode": 200}),
        ("BackendFunction", backend, http_event("GET", "/api/profile"), {"statusCode": 401}),
        ("InferenceFunction", inference, http_event("GET", "/ml/health"), {"statusCode": 200}),
        ("InferenceFunction", inference, http_event("POST", "/reload"), {"statusCode": 401}),
        ("InferenceFunction", inference, {"action": "reload"}, {"changed": False}),
        (
            "TrainingFunction",
            training,
            {"step": "validate", "run_id": "r1", "state": {"mode": "smoke-test", "parameters": {}}},
            {"mode": "smoke-test", "run_id": "r1"},
        ),
        ("TrainingFunction", training, {"step": "dance", "run_id": "r1", "state": {}}, {"errorType": "SettingsError"}),
    ],
)
def test_a_handler_answers_under_the_emulator(
    logical_id: str, environment: Any, event: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    with emulated(logical_id, environment(tmp_path), tmp_path) as url:
        answer = invoke(url, event)

    assert {key: answer.get(key) for key in expected} == expected


DECISION = {
    "decision_id": "d-1",
    "selector": "#mail",
    "label": "E-mail",
    "placeholder": "",
    "field_type": "email",
    "required": True,
    "predicted": "email",
    "score": 0.97,
    "threshold_used": 0.5,
    "confidence_signals": [],
    "decision": "accepted",
    "method": "ranker",
    "text": "E-mail",
}


@pytest.fixture
def services() -> Iterator[tuple[Server, Issuer]]:
    """What the backend calls when it classifies; the stream takes its time."""
    issuer = Issuer()
    with running_server() as server:
        server.answers["/jwks"] = Answer(body=issuer.jwks())
        server.answers["/"] = Answer(body={"SecretString": "key", "Name": "key"})  # Secrets Manager and DynamoDB
        server.answers["/stream/"] = Answer(body={"RecordId": "1"}, after_seconds=0.15)
        server.answers["/ml/classify"] = Answer(body={"matches": [], "model_version": "v1", "decisions": [DECISION]})
        yield server, issuer


def calling(server: Server, folder: Path) -> dict[str, str]:
    return {
        **backend(folder),
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS_URL": f"{server.url}/jwks",
        "ML_SERVICE_URL": server.url,
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ENDPOINT_URL_FIREHOSE": f"{server.url}/stream/",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }


def test_no_row_is_lost_when_the_log_is_written_after_the_answer(services: tuple[Server, Issuer], tmp_path: Path) -> None:
    server, issuer = services
    event = http_event("POST", "/api/autofill/classify", {"fields": [{"selector": "#mail"}]}, authorization=f"Bearer {issuer.token()}")

    written = []
    with emulated("BackendFunction", calling(server, tmp_path), tmp_path) as url:
        for _ in range(3):
            assert invoke(url, event)["statusCode"] == 200
            written.append([call.path for call in server.received].count("/stream/"))  # an emulator answers when the invocation has ended

    assert written == [1, 2, 3]
    assert "/stream/" not in [call.path for call in server.received[:4]]  # after the issuer's keys, the secret, the memory and inference
