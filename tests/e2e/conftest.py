"""Fixtures: the stacks that several test files share, each started once and stopped at the end."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.console import step
from local.containers.stack import ContainerStack
from local.stack import Stack, StackConfig
from local.state_folder import StateFolder
from local.train import train

ROOT = Path(__file__).parents[2]
PROFILE = json.loads((ROOT / "examples" / "profile.json").read_text("utf-8"))
QUICK = {"ranker_members": 1, "ranker_epochs": 8}
"""Trains a ranker that is good enough for the gate in seconds instead of minutes."""


def docker(*arguments: str) -> list[str]:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.split()


def containers_of_sam() -> set[str]:
    return set(docker("ps", "--all", "--quiet", "--filter", "label=sam.cli.container.type=lambda"))


def build_parameters() -> dict[str, str]:
    return dict(text.split("=", 1) for text in os.environ.get("BUILD_PARAMETERS", "").split())


@pytest.fixture(scope="session")
def container_state(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    return StateFolder(tmp_path_factory.mktemp("containers"))


@pytest.fixture(scope="session")
def containers(container_state: StateFolder) -> Iterator[ContainerStack]:
    """The stack in containers, started and stopped; it must leave nothing behind."""
    before = containers_of_sam() if docker("version") else set()
    running = ContainerStack(StackConfig(ROOT / "template.yaml", container_state, parameters=build_parameters()), step)
    network = running.network.name
    yield running
    running.stop()
    assert containers_of_sam() <= before
    assert network not in docker("network", "ls", "--format", "{{.Name}}")


@pytest.fixture(scope="session")
def states_in_containers(containers: ContainerStack) -> list[str]:
    """The states of a complete build-index, whose tasks all run in the training container."""
    return first_version(containers)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The embedded stack with a first version."""
    running = Stack(StackConfig(ROOT / "template.yaml", StateFolder(tmp_path_factory.mktemp("embedded"))))
    first_version(running)
    yield running
    running.stop()


def first_version(stack: Stack) -> list[str]:
    """Publishes a first version; returns the states of the training."""
    passed: list[str] = []
    outcome = train(stack.admin, stack.running.state_machine_arn, "build-index", QUICK, passed.append)
    assert outcome.exit_code == 0, outcome
    assert outcome.result["notified"], outcome
    return passed


def client_of(stack: Stack, user: str = "ada") -> httpx.Client:
    """An HTTP client with a token of this user."""
    headers = {"Authorization": f"Bearer {stack.issuer.token(user)}"}
    return httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False)
