import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from fieldwise_common.observability import NAMESPACE, count_by_version, metrics, timed_part

IN_A_REQUESTS_THREAD = """
from concurrent.futures import ThreadPoolExecutor
from fieldwise_common.observability import traced_handler, traced_part

def answer():
    with traced_part("profile"):
        pass
    try:
        with traced_part("inference"):
            raise KeyError("tell-nobody")
    except KeyError:
        pass

@traced_handler
def handler(event, context):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(answer).result()

handler({}, None)
"""
"""FastAPI runs a route that is not a coroutine in a thread of its own; the SDK stores segments per thread."""


@pytest.fixture
def subsegments() -> Any:
    """The subsegments, by name, that a program sends to X-Ray's daemon when run as a Lambda function for a sampled request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(10)

        def run(program: str, count: int) -> dict[str, dict[str, Any]]:
            lambdas = {
                "LAMBDA_TASK_ROOT": "/var/task",
                "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
                "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            }
            subprocess.run([sys.executable, "-c", program], env=os.environ | lambdas, check=True)
            sent = [json.loads(daemon.recv(65_536).partition(b"\n")[2]) for _ in range(count)]
            return {part["name"]: part for part in sent}

        yield run


def test_a_count_by_version_is_written_at_once_with_service_and_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "inference")

    count_by_version("ModelVersionLive", 1, "v1")

    written = json.loads(capsys.readouterr().out)
    (described,) = written["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == NAMESPACE
    assert sorted(described["Dimensions"][0]) == ["model_version", "service"]
    assert (written["ModelVersionLive"], written["model_version"], written["service"]) == ([1.0], "v1", "inference")


def test_a_part_is_timed_in_milliseconds_and_its_error_propagates() -> None:
    metrics.clear_metrics()

    with timed_part("embed"):
        pass
    with pytest.raises(ZeroDivisionError), timed_part("search"):
        raise ZeroDivisionError

    assert set(metrics.metric_set) == {"EmbedTime"}
    assert metrics.metric_set["EmbedTime"]["Unit"] == "Milliseconds"
    assert metrics.metric_set["EmbedTime"]["Value"][0] >= 0
    metrics.clear_metrics()


def test_parts_in_a_requests_thread_are_traced_and_errors_by_their_type_alone(subsegments: Any) -> None:
    sent = subsegments(IN_A_REQUESTS_THREAD, 3)

    assert set(sent) == {"## handler", "## profile", "## inference"}
    assert {part["trace_id"] for part in sent.values()} == {"1-5759e988-bd862e3fe1be46a994272793"}
    assert (sent["## inference"]["fault"], sent["## inference"]["annotations"]["error"]) == (True, "KeyError")
    assert "fault" not in sent["## profile"]
    assert "tell-nobody" not in json.dumps(sent)
