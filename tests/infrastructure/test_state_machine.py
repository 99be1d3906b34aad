import json
from typing import Any

import pytest
from tests.infrastructure.conftest import ROOT, blueprint_with

from fieldwise_training.steps.order import FIRST, STEPS
from local.template.blueprint import Blueprint

LAMBDA_FAULTS = {"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"}
BUSY = {
    "Lambda.TooManyRequestsException",
    "Lambda.CodeArtifactUserPendingException",
    "Lambda.ResourceNotReadyException",
    "Lambda.ResourceConflictException",
}


@pytest.fixture
def states(blueprint: Blueprint) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(blueprint.definition("TrainingStateMachine"))["States"]
    return found


def test_the_tasks_are_the_steps_of_a_run_in_their_order(blueprint: Blueprint, states: dict[str, Any]) -> None:
    state = json.loads(blueprint.definition("TrainingStateMachine"))["StartAt"]
    passed = []
    while states[state]["Type"] != "Succeed":
        passed += [state] if states[state]["Type"] == "Task" else []
        state = states[state]["Choices"][0]["Next"] if states[state]["Type"] == "Choice" else states[state]["Next"]

    assert passed == list(STEPS)
    assert passed[0] == FIRST
    assert state == "Promoted"


def test_a_version_that_the_gate_rejects_ends_the_run_as_rejected_and_not_as_failed(states: dict[str, Any]) -> None:
    choice = states[states["gate"]["Next"]]

    assert choice["Choices"][0] == {"Variable": "$.promote", "BooleanEquals": True, "Next": "promote"}
    assert states[choice["Default"]] == {"Type": "Succeed"}
    assert choice["Default"] == "Rejected"


def test_a_run_that_was_overtaken_ends_as_superseded_and_not_as_failed(states: dict[str, Any]) -> None:
    at_the_gate, at_the_pointer = states[states["gate"]["Next"]], states[states["promote"]["Next"]]

    assert at_the_gate["Choices"][1:] == [{"Variable": "$.superseded", "BooleanEquals": True, "Next": "Superseded"}]
    assert at_the_pointer["Choices"] == [{"Variable": "$.promoted", "BooleanEquals": True, "Next": "notify"}]
    assert at_the_pointer["Default"] == "Superseded"
    assert states["Superseded"]["Type"] == "Succeed"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_one_task_of_the_training_function(blueprint: Blueprint, states: dict[str, Any], step: str) -> None:
    task = states[step]

    assert task["Resource"] == "arn:aws:states:::lambda:invoke"
    assert task["Parameters"]["FunctionName"] == blueprint.arn("TrainingFunction")
    assert task["Parameters"]["Payload"] == {"step": step, "run_id.$": "$$.Execution.Name", "state.$": "$"}
    assert task["OutputPath"] == "$.Payload"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_retried_only_when_lambda_itself_failed(states: dict[str, Any], step: str) -> None:
    failed, busy = states[step]["Retry"]

    assert set(failed["ErrorEquals"]) == LAMBDA_FAULTS
    assert set(busy["ErrorEquals"]) == BUSY
    assert {retry["JitterStrategy"] for retry in (failed, busy)} == {"FULL"}
    assert 1 <= failed["MaxAttempts"] <= 5


@pytest.mark.parametrize("step", STEPS)
def test_a_function_that_is_activated_after_weeks_is_awaited_for_minutes(states: dict[str, Any], step: str) -> None:
    busy = states[step]["Retry"][1]

    waits = [min(busy["IntervalSeconds"] * busy["BackoffRate"] ** n, busy["MaxDelaySeconds"]) for n in range(busy["MaxAttempts"])]

    assert 120 <= sum(waits) / 2 <= 1200  # with full jitter, half of each on average


@pytest.mark.parametrize("step", STEPS)
def test_a_task_outlasts_the_function_it_waits_for(blueprint: Blueprint, states: dict[str, Any], step: str) -> None:
    assert states[step]["TimeoutSeconds"] > max(blueprint.template["Mappings"]["Sizes"]["TrainingTimeout"].values())


def test_only_a_failed_notification_is_caught(states: dict[str, Any]) -> None:
    caught = {name: state["Catch"] for name, state in states.items() if "Catch" in state}

    assert set(caught) == {"notify"}
    (catch,) = caught["notify"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "Promoted")
    assert catch["ResultPath"] != "$"


def test_the_definition_is_valid_json_before_and_after_its_substitutions(blueprint: Blueprint) -> None:
    json.loads((ROOT / "infra/statemachine/training.asl.json").read_text())

    assert "${" not in blueprint.definition("TrainingStateMachine")


def test_the_workflow_is_a_standard_one_with_a_time_limit(blueprint: Blueprint) -> None:
    (machine,) = blueprint.of_type("AWS::StepFunctions::StateMachine").values()

    assert machine["StateMachineType"] == "STANDARD"
    assert json.loads(blueprint.definition("TrainingStateMachine"))["TimeoutSeconds"] > 0


def test_nothing_is_scheduled_by_default(blueprint: Blueprint) -> None:
    assert blueprint.of_type("AWS::Scheduler::Schedule") == {}


def test_the_retraining_schedule_uses_feedback() -> None:
    blueprint = blueprint_with(RetrainSchedule="cron(0 3 ? * SUN *)")

    (schedule,) = blueprint.of_type("AWS::Scheduler::Schedule").values()

    assert schedule["ScheduleExpression"] == "cron(0 3 ? * SUN *)"
    assert schedule["Target"]["Arn"] == blueprint.arn("TrainingStateMachine")
    assert json.loads(schedule["Target"]["Input"]) == {"mode": "build-index-feedback", "parameters": {}}
    assert schedule["Target"]["RoleArn"] == blueprint.arn("RetrainRole")


def test_the_warm_up_schedule_invokes_the_published_version_of_inference() -> None:
    blueprint = blueprint_with(WarmUpSchedule="rate(5 minutes)")

    (schedule,) = blueprint.of_type("AWS::Scheduler::Schedule").values()

    assert schedule["Target"]["Arn"] == f"{blueprint.arn('InferenceFunction')}:live"
    assert json.loads(schedule["Target"]["Input"]) == {"action": "warm"}
