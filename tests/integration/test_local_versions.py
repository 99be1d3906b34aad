"""`make versions`, `history`, `rollback`, `prune` and the events, in the embedded stack with the real template and handlers."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.tiny_version import publish
from tests.support.versions import sealed_version
from tests.support.workflow import begun, execute

from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from local.stack import Stack, StackConfig
from local.state_folder import StateFolder
from local.train import model_store, train

ROOT = Path(__file__).parents[2]
MODELS = "s3/fieldwise-local-data-bucket/models"
FORM = {"fields": [{"selector": "#e", "label": "Email"}]}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    """With two versions that answer, the second one live, and an old one that was never live."""
    root = tmp_path_factory.mktemp("versions")
    folder = StateFolder(root / "state")
    objects = FolderObjects(folder.data / MODELS)
    sealed_version(ModelStore(objects), "old", datetime.now(UTC) - timedelta(days=3))
    for run_id in ("first", "second"):
        publish(objects, root / "scratch", run_id)
    return folder


@pytest.fixture(scope="module")
def stack(state: StateFolder) -> Iterator[Stack]:
    running = Stack(StackConfig(ROOT / "template.yaml", state))
    yield running
    running.stop()


@pytest.fixture
def store(stack: Stack) -> ModelStore:
    return model_store(stack.running)


def command(state: StateFolder, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """As `make` runs it, with nobody to answer its questions."""
    whole = [sys.executable, "-m", "local", *arguments, "--state", str(state.root)]
    return subprocess.run(whole, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)


def events_in(state: StateFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in state.events.read_text("utf-8").splitlines()] if state.events.exists() else []


def answering(stack: Stack) -> str:
    """The version that answers a classification."""
    headers = {"Authorization": f"Bearer {stack.issuer.token('ada')}"}
    answer = httpx.post(f"{stack.url}/api/autofill/classify", json=FORM, headers=headers, timeout=60)
    return str(answer.json()["model_version"])


def test_a_rollback_answers_at_once_and_is_in_the_history_and_among_the_events(stack: Stack, state: StateFolder, store: ModelStore) -> None:
    live = store.published().pointer
    assert answering(stack) == live.version

    done = command(state, "rollback", "--by", "ada", "--why", "wrong birthdays")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{live.previous} is live; before it: {live.version}; inference serves it\n"
    assert answering(stack) == live.previous
    assert (store.history()[-1].promoted_by, store.history()[-1].reason) == ("ada", "wrong birthdays")
    assert [(event["detail-type"], event["detail"]["by"]) for event in events_in(state)][-1] == ("rolled back", "ada")


def test_versions_and_history_are_those_of_the_running_stack(stack: Stack, state: StateFolder, store: ModelStore) -> None:
    versions = json.loads(command(state, "versions", "--json").stdout)
    history = json.loads(command(state, "history", "--json").stdout)

    assert {version["version"] for version in versions} == set(store.versions())
    assert [move["to"] for move in history] == [move.version for move in store.history()]


def test_a_prune_deletes_in_the_running_stack_and_on_its_disk(stack: Stack, state: StateFolder, store: ModelStore) -> None:
    old = store.versions()[0]

    refused = command(state, "prune", "--keep", "2")
    done = command(state, "prune", "--keep", "2", "--yes")

    assert (refused.returncode, refused.stderr) == (1, "nothing was deleted: answer y, or give --yes\n")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "deleted: 1 of 1")
    assert old not in store.versions()
    assert not [path for path in (state.data / MODELS / old).rglob("*") if path.is_file()]
    assert answering(stack) == store.published().pointer.version


def test_without_a_running_stack_the_commands_refuse_in_one_line(tmp_path: Path) -> None:
    done = command(StateFolder(tmp_path), "versions")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("✗ no stack is running here")


def test_the_workflow_promotes_publishes_and_ends_a_run_that_was_overtaken(
    stack: Stack, state: StateFolder, store: ModelStore, capsys: pytest.CaptureFixture[str]
) -> None:
    winner, loser, rejected = (sealed_version(store, run_id, is_good=run_id != "rejected") for run_id in ("winner", "loser", "rejected"))
    run = begun(stack)
    before = len(events_in(state))

    ends = [
        execute(stack, "gate", {**run, "version": winner, "feedback": {"answers": 4, "changes": {"new": 2}}}),
        execute(stack, "gate", {**run, "version": loser}),
        execute(stack, "promote", {**run, "version": loser, "promote": True}),
        execute(stack, "gate", {**run, "version": rejected}),
    ]

    assert [end for end, _ in ends] == ["Promoted", "Superseded", "Superseded", "Rejected"]
    assert [output["promoted"] for _, output in ends] == [True, False, False, None]
    assert [output["superseded"] for _, output in ends] == [False, True, True, False]
    assert store.published().pointer.version == winner
    published = events_in(state)[before:]
    kinds = ["promoted", "quorum reached", "superseded", "superseded", "rejected"]
    assert [event["detail-type"] for event in published] == kinds
    assert [event["detail"]["version"] for event in published] == [winner, winner, loser, loser, rejected]
    assert re.findall(r"• ([a-z ]+): ", capsys.readouterr().out) == kinds


def test_a_training_that_failed_is_listed_with_its_step_and_its_cause(stack: Stack, state: StateFolder) -> None:
    machine = stack.running.state_machine_arn
    outcome = train(stack.admin, machine, "build-index", {"compute": "ecs"}, lambda _: None)

    listed = command(state, "failures")

    assert outcome.status == "FAILED"
    assert listed.returncode == 0, listed.stderr
    assert "ecs is not set up here" in " ".join(listed.stdout.split())
