"""Executions of the committed state machine: by the embedded AWS's interpreter, on the real handler."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.state_machine import InjectedError, execute
from tests.support.tiny_training import CANONICAL, tiny_context, tiny_data, tiny_model
from typer.testing import CliRunner

from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.cli import app
from fieldwise_training.run import run
from fieldwise_training.state import RunState, parse_request
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import STEPS
from fieldwise_training.workflow import shards
from fieldwise_training.workflow.failed import read_failures
from local.aws.server import AwsServer
from local.aws.sessions import Connection

QUICK = {"ranker_members": 0}
INPUT = {"mode": "build-index", "parameters": QUICK}


@pytest.fixture
def aws() -> Iterator[AwsServer]:
    server = AwsServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingContext, RunState]:
    """A store with a version that the command line made, and its last state: the next run reuses its encoder."""
    root = tmp_path_factory.mktemp("trained")
    context = tiny_context(root, str(tiny_model(root)), computes="lambda,ecs,sagemaker")
    return context, run(context, parse_request(INPUT), "cli-run", lambda _: nullcontext(), lambda _: None)


@pytest.fixture
def context(trained: tuple[TrainingContext, RunState], tmp_path: Path) -> TrainingContext:
    """With a copy of that store."""
    before, _ = trained
    shutil.copytree(before.settings.model_store, tmp_path / "store")
    settings = before.settings.model_copy(update={"model_store": str(tmp_path / "store")})
    return replace(before, store=ModelStore(FolderObjects(tmp_path / "store")), settings=settings)


def test_the_command_line_and_the_state_machine_run_the_same_steps_to_the_same_files(
    aws: AwsServer, context: TrainingContext, trained: tuple[TrainingContext, RunState]
) -> None:
    _, by_hand = trained

    execution, events = execute(aws, context, "run-1", INPUT)

    assert execution.status == "SUCCEEDED", execution.cause
    assert [event["step"] for event in events] == list(STEPS) == list(by_hand.seconds) == list(execution.output["seconds"])
    one, other = (context.store.manifest(version).files for version in (by_hand.version, execution.output["version"]))
    differing = {name for name in one if one[name] != other[name]}
    assert differing <= {"metrics.json", "report.html"}  # which have names, times and the comparison with the parent
    assert list(read_failures(context.store)) == []


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ([], "bad event: state: Input should be a valid dictionary"),
        ({"mode": "train"}, "bad input of the run: mode: "),
        ({"mode": "build-index", "parameters": {"epochs": 1}}, "bad input of the run: parameters.epochs: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_input_fails_at_once_and_is_recorded(aws: AwsServer, context: TrainingContext, given: object, cause: str) -> None:
    execution, _ = execute(aws, context, "run-1", given)

    (failure,) = read_failures(context.store)
    assert (execution.status, execution.error) == ("FAILED", "SettingsError")
    assert (failure.run_id, failure.step, failure.error, failure.version) == ("run-1", "validate", "SettingsError", "")
    assert failure.cause.startswith(cause)


def test_a_failed_step_is_recorded_and_shown_and_the_execution_has_its_error(aws: AwsServer, context: TrainingContext) -> None:
    def fail(event: dict[str, Any]) -> None:
        if event["step"] == "calibrate":
            raise InjectedError("CorruptVersion", "lexicon.json is missing")

    execution, _ = execute(aws, context, "run-1", INPUT, before=fail)

    (failure,) = read_failures(context.store)
    assert (execution.status, execution.error) == ("FAILED", "CorruptVersion")
    assert json.loads(execution.cause)["errorMessage"] == "lexicon.json is missing"
    assert execution.states[-3:] == ["calibrate", "failed", "Failed"]
    assert (failure.step, failure.error, failure.cause) == ("calibrate", "CorruptVersion", "lexicon.json is missing")
    assert (failure.mode, failure.version[:11]) == ("build-index", "embeddings_")
    shown = CliRunner().invoke(app, ["failures", "--store", context.settings.model_store]).stdout
    assert [word for word in ("run-1", "calibrate", "CorruptVersion", "lexicon.json is missing") if word not in shown] == []


def test_the_message_of_an_error_that_is_not_ours_is_not_recorded(aws: AwsServer, context: TrainingContext) -> None:
    def fail(event: dict[str, Any]) -> None:
        if event["step"] == "load":
            raise KeyError("ada@example.org")

    execute(aws, context, "run-1", INPUT, before=fail)

    (failure,) = read_failures(context.store)
    assert (failure.step, failure.error) == ("load", "KeyError")
    assert "ada" not in failure.model_dump_json()


def test_a_failure_that_can_not_be_recorded_still_ends_the_execution_with_the_steps_own_error(
    aws: AwsServer, context: TrainingContext
) -> None:
    def fail(event: dict[str, Any]) -> None:
        if event["step"] in {"load", "failed"}:
            raise InjectedError("StoreError", f"no space for {event['step']}")

    execution, _ = execute(aws, context, "run-1", INPUT, before=fail)

    assert (execution.status, json.loads(execution.cause)["errorMessage"]) == ("FAILED", "no space for load")


def test_a_notification_that_fails_does_not_fail_the_run(aws: AwsServer, context: TrainingContext) -> None:
    def fail(event: dict[str, Any]) -> None:
        if event["step"] == "notify":
            raise InjectedError("RuntimeError", "no inference")

    execution, _ = execute(aws, context, "run-1", INPUT, before=fail)

    assert (execution.status, execution.output["promoted"]) == ("SUCCEEDED", True)


@pytest.mark.parametrize(("timeouts", "status"), [(1, "SUCCEEDED"), (3, "FAILED")])
def test_a_timeout_in_the_middle_of_the_fine_tuning_is_tried_again_twice(
    aws: AwsServer, context: TrainingContext, timeouts: int, status: str
) -> None:
    attempts: list[str] = []

    def time_out(event: dict[str, Any]) -> None:
        if event["step"] == "finetune":
            attempts.append(event["run_id"])
            if len(attempts) <= timeouts:
                raise InjectedError("Sandbox.Timedout", "Task timed out after 900.00 seconds")

    def impatient(definition: str) -> str:
        return definition.replace('"IntervalSeconds": 5,', '"IntervalSeconds": 1,')

    execution, _ = execute(aws, context, "run-1", INPUT, before=time_out, edit=impatient)

    assert (execution.status, len(attempts)) == (status, min(timeouts + 1, 3))
    assert [(failure.step, failure.error) for failure in read_failures(context.store)] == (
        [("finetune", "Sandbox.Timedout")] if status == "FAILED" else []
    )


def from_four_entries_on(definition: str) -> str:
    return definition.replace(str(shards.SHARDED_FROM), "4")


@pytest.fixture
def more(context: TrainingContext, tmp_path: Path) -> TrainingContext:
    """With five more texts."""
    texts = {**CANONICAL, "tel": ["name", "last", "first email", "search name", "email last first"]}
    return replace(context, data=tiny_data(tmp_path / "more", texts))


def test_many_texts_are_embedded_in_shards_to_the_same_index(
    aws: AwsServer, more: TrainingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_TEXTS", 3)
    shutil.copytree(tmp_path / "store", tmp_path / "copy")
    other = replace(more, store=ModelStore(FolderObjects(tmp_path / "copy")))
    whole = run(other, parse_request(INPUT), "whole", lambda _: nullcontext(), lambda _: None)

    execution, events = execute(aws, more, "run-1", INPUT, edit=from_four_entries_on)

    assert execution.status == "SUCCEEDED", execution.cause
    assert sorted(event["shard"] for event in events if event["step"] == "embed") == ["0000", "0001", "0002"]
    assert execution.states.count("embed") == 1
    made, expected = more.store.manifest(execution.output["version"]).files, other.store.manifest(whole.version).files
    assert made["meta.json"] == expected["meta.json"]
    assert made["index.faiss"].size == expected["index.faiss"].size
    assert execution.output["shards"] == []


def test_a_shard_that_fails_fails_the_run(aws: AwsServer, more: TrainingContext) -> None:
    def fail(event: dict[str, Any]) -> None:
        if event["step"] == "embed":
            raise InjectedError("CorruptVersion", "encoder.onnx can't be loaded")

    execution, _ = execute(aws, more, "run-1", INPUT, before=fail, edit=from_four_entries_on)

    (failure,) = read_failures(more.store)
    assert (execution.status, failure.step) == ("FAILED", "index")


IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/training:1"


def image_function(connection: Connection) -> None:
    """The training function as AWS knows it: with its image."""
    iam = connection.client("iam")
    role = iam.create_role(RoleName="training", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    connection.client("lambda").create_function(
        FunctionName="test-training-function", PackageType="Image", Code={"ImageUri": IMAGE}, Role=role
    )


def for_the_embedded_aws(definition: str) -> str:
    """The definition, with the states that call ECS changed to what the embedded interpreter can do.

    It does not turn `Family` into ECS's own `family`, needs what Fargate has defaults for, and can't read the answer of a task that
    it waits for: so it starts the task, and does not wait.
    """

    def lowered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key[0].lower() + key[1:]: lowered(part) for key, part in value.items()}
        return [lowered(part) for part in value] if isinstance(value, list) else value

    machine = json.loads(definition)
    for step in ("finetune", "ranker"):
        define, task = machine["States"][f"Define {step} on ECS"], machine["States"][f"{step} on ECS"]
        define["Parameters"], task["Parameters"] = lowered(define["Parameters"]), lowered(task["Parameters"])
        define["ResultSelector"] = {"arn.$": "$.taskDefinition.taskDefinitionArn"}
        define["Parameters"]["containerDefinitions"][0]["memory"] = 512
        task["Parameters"]["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] = []
        task["Resource"] = task["Resource"].replace("ecs:runTask.sync", "aws-sdk:ecs:runTask")
    return json.dumps(machine)


ON_ECS = {**INPUT, "parameters": {**QUICK, "compute": "ecs"}}


def test_a_task_that_ecs_refuses_fails_the_run_with_the_reason(aws: AwsServer, context: TrainingContext) -> None:
    image_function(Connection(aws.url, "us-east-1"))  # and there is no cluster

    execution, _ = execute(aws, context, "run-1", ON_ECS, containers="subnet-1a", edit=for_the_embedded_aws)

    (failure,) = read_failures(context.store)
    assert execution.status == "FAILED"
    assert execution.states[-3:] == ["finetune on ECS", "failed", "Failed"]
    assert (failure.step, failure.error, execution.error) == ("finetune", *["ecs.ClusterNotFoundException"] * 2)
    assert failure.cause.startswith("Cluster not found")


def test_a_long_step_on_ecs_gets_its_state_from_the_store_and_leaves_the_next_one_there(aws: AwsServer, context: TrainingContext) -> None:
    connection = Connection(aws.url, "us-east-1")
    image_function(connection)
    ecs, ec2 = connection.client("ecs"), connection.client("ec2")
    ecs.create_cluster(clusterName="test-training")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ran = []

    def run_the_task(event: dict[str, Any]) -> None:
        """The embedded ECS runs no container: what a task was asked for is run here, as a process with nothing but its environment."""
        if event["step"] != "take-over":
            return
        (task,) = ecs.describe_tasks(cluster="test-training", tasks=[tasks_of(ecs)[len(ran)]])["tasks"]
        (definition,) = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]["containerDefinitions"]
        (override,) = task["overrides"]["containerOverrides"]
        assert definition["image"].startswith(IMAGE.rpartition(":")[0])
        given = {"MODEL_STORE": context.settings.model_store, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, *definition["entryPoint"][1:], *override["command"]]
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        ran.append(override["command"])

    execution, events = execute(aws, context, "run-1", ON_ECS, containers=subnet, before=run_the_task, edit=for_the_embedded_aws)

    assert execution.status == "SUCCEEDED", execution.cause
    assert ran == [["step", step, "--run-id", "run-1"] for step in ("finetune", "ranker")]
    assert {event["step"] for event in events} & {"finetune", "ranker"} == set()
    assert list(execution.output["seconds"]) == list(STEPS)


def tasks_of(ecs: Any) -> list[str]:
    found: list[str] = (
        ecs.list_tasks(cluster="test-training")["taskArns"] + ecs.list_tasks(cluster="test-training", desiredStatus="STOPPED")["taskArns"]
    )
    return list(dict.fromkeys(found))
