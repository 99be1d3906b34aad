"""Each handler under Lambda's Runtime Interface Emulator, started as its container starts it."""

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
            **environment,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": ":".join(path),
            "LAMBDA_TASK_ROOT": str(task.folder),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": NOWHERE,
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


def http_event(method: str, path: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example"},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "requestId": "r",
            "stage": "$default",
        },
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
