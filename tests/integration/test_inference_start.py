"""A fresh process of inference: what it imports before its first answer, and what it reports of its start."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, running_server
from tests.support.tiny_version import folder_store, publish

NOT_BEFORE_THE_FIRST_ANSWER = {
    "fastapi": "the routes need no OpenAPI models",
    "starlette": "an event needs no ASGI",
    "mangum": "the same",
    "asyncio": "nothing is awaited",
    "aws_xray_sdk": "nothing is traced outside of Lambda",
    "boto3": "the store is a folder",
    "botocore.session": "the same",
    "httpx": "the issuer's keys are fetched by the standard library",
    "pydantic_settings": "the environment is read without it",
    "rich": "pydantic_settings and httpx import it for their command lines",
    "phonenumbers": "few forms name a dial code",
    "babel": "filling alone needs it",
    "pycountry": "the same",
    "regex": "the same",
    "fieldwise_inference.fill.dispatch": "a form is classified first",
    "fieldwise_inference.classify.explain": "only people ask why",
    "fieldwise_inference.classify.without_ranker.decide": "the version has a ranker",
}
"""What is slow to import and not needed to classify a form, and why it is not needed."""

THREADS = """
import fieldwise_inference.classify.decide
import numpy, os
numpy.ones((500, 500), numpy.float32) @ numpy.ones((500, 500), numpy.float32)
print(len(os.listdir("/proc/self/task")))
"""

START = """
import json, sys
from types import SimpleNamespace
from fieldwise_inference import handler
context = SimpleNamespace(function_name="f", memory_limit_in_mb=1769, invoked_function_arn="arn:f", aws_request_id="1")
answers = [handler.lambda_handler(event, context) for event in json.load(sys.stdin)]
print(json.dumps({"answers": answers, "modules": sorted(sys.modules)}))
"""
"""Starts the function, answers the events on stdin, and prints the answers and all modules that were imported."""


def event(method: str, path: str, token: str = "", body: object = None) -> dict[str, Any]:
    return {
        "rawPath": path,
        "headers": {"authorization": f"Bearer {token}"},
        "requestContext": {"http": {"method": method, "path": path}},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


class Function:
    """Starts a process of the function over a store in a folder."""

    def __init__(self, environment: dict[str, str], issuer: Issuer) -> None:
        self.environment = environment
        self.issuer = issuer

    def start(self, *events: dict[str, Any], **environment: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The answers and modules, and the lines of the log."""
        done = subprocess.run(
            [sys.executable, "-c", START],
            env=self.environment | environment,
            input=json.dumps(events),
            capture_output=True,
            text=True,
            check=True,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return lines[-1], lines[:-1]


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    folder = tmp_path_factory.mktemp("start")
    publish(folder_store(folder / "models"), folder / "scratch")
    issuer = Issuer()
    with running_server() as server:
        server.answers["/jwks"] = Answer(body=issuer.jwks())
        lambdas = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBDA_", "POWERTOOLS_"))}
        settings = {
            "MODEL_STORE": str(folder / "models"),
            "AUTH_ISSUER": ISSUER,
            "AUTH_AUDIENCE": AUDIENCE,
            "AUTH_JWKS_URL": f"{server.url}/jwks",
            "TMPDIR": str(folder),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        yield Function(lambdas | settings, issuer)


@pytest.fixture(scope="module")
def classifying(function: Function) -> dict[str, Any]:
    """What a form as first request gets from a fresh process, and what the process has imported by then."""
    form = {"fields": [{"selector": "#a", "label": "First name"}, {"selector": "#b", "label": "something else", "type": "tel"}]}
    found, _ = function.start(event("POST", "/ml/classify", function.issuer.token(), form))
    return found


@pytest.mark.parametrize("module", NOT_BEFORE_THE_FIRST_ANSWER)
def test_the_first_form_is_answered_without(module: str, classifying: dict[str, Any]) -> None:
    [answer] = classifying["answers"]

    assert answer["statusCode"] == 200, answer["body"]
    assert module not in classifying["modules"]


def test_where_no_request_waits_for_a_start_everything_is_imported(function: Function) -> None:
    found, _ = function.start(AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")

    assert {"fieldwise_inference.fill.dispatch", "fieldwise_inference.classify.explain"} <= set(found["modules"])


def test_a_start_is_logged_once_by_phase_and_reported_by_health(function: Function) -> None:
    found, log = function.start(event("GET", "/ml/health"), event("GET", "/ml/health"))

    [started] = [line["phases"] for line in log if line.get("message") == "started"]
    assert {"imports", "settings", "total"} <= set(started)
    assert 0 < started["imports"] <= started["total"]
    assert [json.loads(answer["body"])["start"] for answer in found["answers"]] == [started, started]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted by Linux's /proc")
def test_the_network_is_computed_by_one_thread_whatever_the_machine_has() -> None:
    outside = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment = outside | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    done = subprocess.run([sys.executable, "-c", THREADS], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "1"
