"""The images, built and started by SAM's emulators, and tested through the API like the embedded stack."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks.containers.start import engine, inference, start, training
from benchmarks.shared.store import local_store
from tests.e2e.conftest import PROFILE, ROOT, client_of

from fieldwise_training.steps.order import STEPS
from local.containers.build import sam, sam_environment
from local.containers.emulator import START_SECONDS
from local.containers.stack import ContainerStack
from local.state_folder import StateFolder
from local.train import train
from local.web_server import free_port

FORM = json.loads((ROOT / "examples" / "forms" / "checkout.json").read_text("utf-8"))

pytestmark = pytest.mark.containers


@pytest.fixture(scope="module")
def client(containers: ContainerStack) -> Iterator[httpx.Client]:
    with client_of(containers) as http:
        yield http


def without_authorization(client: httpx.Client, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=client.base_url, headers=headers, timeout=60, trust_env=False)


def test_a_failing_step_ends_the_execution_with_its_own_error(containers: ContainerStack) -> None:
    outcome = train(containers.admin, containers.running.state_machine_arn, "build-index", {"min_accuracy": 7}, lambda _: None)

    assert (outcome.status, outcome.step, outcome.result["error"]) == ("FAILED", "validate", "SettingsError")


def test_build_index_runs_in_the_container_to_the_promotion(states_in_containers: list[str]) -> None:
    assert states_in_containers == [*STEPS, "Promoted"]


@pytest.mark.usefixtures("states_in_containers")
def test_a_form_is_classified_and_filled_across_the_containers(client: httpx.Client) -> None:
    assert client.put("/api/profile", json=PROFILE).status_code == 200

    classified = client.post("/api/autofill/classify", json=FORM)
    matches: list[dict[str, Any]] = classified.json()["matches"]
    filled = client.post("/api/autofill/fill", json={"matches": matches}).json()

    assert classified.status_code == 200
    assert {"email", "postal-code"} <= {match["canonical"] for match in matches}
    assert len(filled["fills"]) >= len(matches) / 2


def test_without_a_valid_token_the_backend_refuses_what_the_emulator_passes_on(client: httpx.Client) -> None:
    with without_authorization(client) as anonymous, without_authorization(client, Authorization="Bearer x.y.z") as forger:
        answers = [
            http.request(*route) for http in (anonymous, forger) for route in (("POST", "/api/autofill/classify"), ("GET", "/api/profile"))
        ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(answer.headers["www-authenticate"].startswith("Bearer") for answer in answers)


def test_health_needs_no_token(client: httpx.Client) -> None:
    with without_authorization(client) as anonymous:
        assert anonymous.get("/health").json()["status"] == "ok"


@pytest.mark.usefixtures("states_in_containers")
def test_the_images_run_as_any_user_within_their_memory_and_write_only_to_tmp(container_state: StateFolder) -> None:
    store = Path(local_store(container_state.root))
    with engine() as client:
        starts = [start(client, subject) for subject in (inference(store), training())]

    assert all(one.next > 0 for one in starts)  # start() raises if a function doesn't respond twice


@contextmanager
def start_api_as_typed() -> Iterator[httpx.Client]:
    """A client of `sam local start-api`, run in the project's folder."""
    port = free_port()
    command = [sam(ROOT), "local", "start-api", "--skip-pull-image", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=sam_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def wait_until_it_listens(port: int) -> None:
    ends = time.monotonic() + START_SECONDS
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)) != 0:
            assert time.monotonic() < ends
            time.sleep(0.2)


@pytest.mark.usefixtures("containers")  # builds the images
def test_plain_sam_local_start_api_answers_health_and_preflights_and_refuses_invalid_tokens() -> None:
    from_a_page = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    with start_api_as_typed() as client:
        health = client.get("/health")
        stranger = client.get("/api/profile", headers={"Authorization": "Bearer x.y.z"})
        preflight = client.options("/api/autofill/classify", headers=from_a_page)

    assert health.json()["status"] == "ok"
    assert stranger.status_code == 401
    assert stranger.json()["type"] == "urn:fieldwise:problem:unauthenticated"
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
