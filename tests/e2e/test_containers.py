"""The images: built, started by SAM's emulators, and asked through the API what the embedded stack is asked."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.console import step
from local.containers.stack import ContainerStack
from local.places import Places
from local.stack import StackConfig
from local.train import train

ROOT = Path(__file__).parents[2]
FORM = json.loads((ROOT / "examples" / "forms" / "checkout.json").read_text("utf-8"))
PROFILE = json.loads((ROOT / "examples" / "profile.json").read_text("utf-8"))
QUICK = {"ranker_members": 1, "ranker_epochs": 4}
"""A ranker good enough for the gate, in seconds instead of minutes."""

pytestmark = pytest.mark.containers


def docker(*arguments: str) -> list[str]:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.split()


def containers_of_sam() -> set[str]:
    return set(docker("ps", "--all", "--quiet", "--filter", "label=sam.cli.container.type=lambda"))


def build_parameters() -> dict[str, str]:
    return dict(text.split("=", 1) for text in os.environ.get("BUILD_PARAMETERS", "").split())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerStack]:
    """Started, and stopped: nothing of it may be left."""
    before = containers_of_sam() if docker("version") else set()
    places = Places(tmp_path_factory.mktemp("containers"))
    running = ContainerStack(StackConfig(ROOT / "template.yaml", places, parameters=build_parameters()), step)
    network = running.network.name
    yield running
    running.stop()
    assert containers_of_sam() <= before
    assert network not in docker("network", "ls", "--format", "{{.Name}}")


@pytest.fixture(scope="module")
def client(stack: ContainerStack) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stack.issuer.token('ada')}"}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def states(stack: ContainerStack) -> list[str]:
    """The states of a whole build-index, every task of it answered by the training container."""
    passed: list[str] = []
    outcome = train(stack.admin, stack.running.state_machine_arn, "build-index", QUICK, passed.append)
    assert outcome.exit_code == 0, outcome
    assert outcome.result["notified"], outcome
    return passed


def without_authorization(client: httpx.Client, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=client.base_url, headers=headers, timeout=60, trust_env=False)


def test_a_failing_step_ends_the_execution_with_its_own_error(stack: ContainerStack) -> None:
    outcome = train(stack.admin, stack.running.state_machine_arn, "build-index", {"min_accuracy": 7}, lambda _: None)

    assert (outcome.status, outcome.step, outcome.result["error"]) == ("FAILED", "validate", "SettingsError")


def test_build_index_runs_in_the_container_to_the_promotion(states: list[str]) -> None:
    assert [state for state in states if state != "verdict"] == [
        "validate", "load", "encoder", "index", "ranker", "evaluate", "seal", "gate", "promote", "notify", "Promoted",
    ]  # fmt: skip


@pytest.mark.usefixtures("states")
def test_a_form_is_classified_and_filled_from_container_to_container(client: httpx.Client) -> None:
    assert client.put("/api/profile", json=PROFILE).status_code == 200

    classified = client.post("/api/autofill/classify", json=FORM)
    matches: list[dict[str, Any]] = classified.json()["matches"]
    filled = client.post("/api/autofill/fill", json={"matches": matches}).json()

    assert classified.status_code == 200
    assert {"email", "postal-code"} <= {match["canonical"] for match in matches}
    assert len(filled["fills"]) >= len(matches) / 2


def test_without_a_valid_token_the_backend_refuses_what_the_emulator_lets_through(client: httpx.Client) -> None:
    with without_authorization(client) as nobody, without_authorization(client, Authorization="Bearer x.y.z") as forger:
        answers = [
            http.request(*route) for http in (nobody, forger) for route in (("POST", "/api/autofill/classify"), ("GET", "/api/profile"))
        ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(answer.headers["www-authenticate"].startswith("Bearer") for answer in answers)


def test_health_is_open_to_all(client: httpx.Client) -> None:
    with without_authorization(client) as nobody:
        assert nobody.get("/health").json()["status"] == "ok"
