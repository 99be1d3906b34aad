import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.infrastructure.conftest import ROOT, blueprint_with
from tools.statemachine import CONTAINER_SECONDS, RUN_SECONDS, SHARDED_FROM, TASK_SECONDS, texts

from fieldwise_common.errors import SettingsError
from fieldwise_training.handler import BETWEEN_STEPS, EMBED, FAILED
from fieldwise_training.state import Mode, Overrides, parse_request
from fieldwise_training.steps.order import FIRST, STEPS
from local.template.blueprint import Blueprint

LAMBDA_FAULTS = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
}
BUSY = {
    "Lambda.TooManyRequestsException",
    "Lambda.CodeArtifactUserPendingException",
    "Lambda.ResourceNotReadyException",
    "Lambda.ResourceConflictException",
}
TIMED_OUT = {"Sandbox.Timedout", "States.Timeout"}
ELSEWHERE = [name for name, step in STEPS.items() if step.is_long]
State = dict[str, Any]


@pytest.fixture
def machine(blueprint: Blueprint) -> State:
    found: State = json.loads(blueprint.definition("TrainingStateMachine"))
    return found


@pytest.fixture
def states(machine: State) -> dict[str, State]:
    found: dict[str, State] = machine["States"]
    return found


def tasks(states: dict[str, State]) -> Iterator[tuple[str, State]]:
    """Every task, also of the distributed Map's child."""
    for name, state in states.items():
        if state["Type"] == "Map":
            yield from tasks(state["ItemProcessor"]["States"])
        elif state["Type"] == "Task":
            yield name, state


def retried(state: State) -> set[str]:
    return {error for retry in state["Retry"] for error in retry["ErrorEquals"]}


def path(
    machine: State,
    parameters: State | None = None,
    entries: int = 0,
    promote: bool = True,
    promoted: bool = True,
    superseded: bool = False,
) -> list[str]:
    """The states that an execution without a failure passes."""
    values = {
        "$.parameters.compute": (parameters or {}).get("compute", "lambda"),
        "$.entries": entries,
        "$.promote": promote,
        "$.promoted": promoted,
        "$.superseded": superseded,
    }

    def is_chosen(choice: State) -> bool:
        value = values[choice["Variable"]]
        return value >= choice["NumericGreaterThanEquals"] if "NumericGreaterThanEquals" in choice else value in choice.values()

    passed = [machine["StartAt"]]
    while (state := machine["States"][passed[-1]])["Type"] != "Succeed":
        chosen = [choice["Next"] for choice in state.get("Choices", ()) if is_chosen(choice)]
        passed.append(chosen[0] if chosen else state.get("Next") or state["Default"])
    return passed


def test_the_committed_files_are_up_to_date() -> None:
    for name, text in texts().items():
        assert (ROOT / "infra/statemachine" / name).read_text("utf-8") == text, "run: make statemachine"


def test_the_tasks_of_an_execution_are_the_steps_of_a_run_in_their_order(machine: State) -> None:
    passed = path(machine)

    assert [name for name in passed if machine["States"][name]["Type"] == "Task"] == list(STEPS)
    assert passed[-1] == "Promoted"


def test_a_version_that_the_gate_rejects_ends_the_run_as_rejected_and_not_as_failed(machine: State) -> None:
    assert path(machine, promote=False)[-2:] == ["verdict", "Rejected"]
    assert machine["States"]["Rejected"] == {"Type": "Succeed"}


def test_a_run_that_was_overtaken_ends_as_superseded_and_not_as_failed(machine: State) -> None:
    assert path(machine, superseded=True, promote=False)[-2:] == ["verdict", "Superseded"]
    assert path(machine, promoted=False)[-3:] == ["promote", "moved", "Superseded"]
    assert machine["States"]["Superseded"]["Type"] == "Succeed"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_one_task_of_the_training_function(blueprint: Blueprint, states: dict[str, State], step: str) -> None:
    task = states[step]

    assert task["Resource"] == "arn:aws:states:::lambda:invoke"
    assert task["Parameters"]["FunctionName"] == blueprint.arn("TrainingFunction")
    state = "$.input" if step == FIRST else "$"
    assert task["Parameters"]["Payload"] == {"step": step, "run_id.$": "$$.Execution.Name", "state.$": state}
    assert task["OutputPath"] == "$.Payload"


def test_the_input_may_be_any_json_so_that_the_first_step_can_refuse_it_and_the_failure_be_recorded(states: dict[str, State]) -> None:
    assert states["Received"]["Parameters"] == {"input.$": "$"}
    assert states["Received"]["Next"] == FIRST


def test_every_call_of_the_function_is_one_that_it_knows(states: dict[str, State]) -> None:
    called = {state["Parameters"]["Payload"]["step"] for _, state in tasks(states) if "lambda:invoke" in state["Resource"]}

    assert called == {*STEPS, *BETWEEN_STEPS, EMBED, FAILED}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_retried_when_lambda_itself_failed_and_after_a_timeout_only_if_it_can_resume(states: dict[str, State], step: str) -> None:
    failed, busy, *others = states[step]["Retry"]

    assert (set(failed["ErrorEquals"]), set(busy["ErrorEquals"])) == (LAMBDA_FAULTS, BUSY)
    assert 1 <= failed["MaxAttempts"] <= 5
    assert [(set(retry["ErrorEquals"]), retry["MaxAttempts"]) for retry in others] == ([(TIMED_OUT, 2)] if STEPS[step].can_resume else [])


def test_the_step_that_resumes_is_the_fine_tuning() -> None:
    assert [name for name, step in STEPS.items() if step.can_resume] == ["finetune"]


def test_every_task_is_retried_with_jitter_and_no_retry_hides_a_failed_step(states: dict[str, State]) -> None:
    for name, task in tasks(states):
        assert {retry["JitterStrategy"] for retry in task["Retry"]} == {"FULL"}, name
        assert retried(task) & {"States.ALL", "States.TaskFailed", "Lambda.Unknown"} == set(), name


@pytest.mark.parametrize("step", STEPS)
def test_a_function_that_is_activated_after_weeks_is_awaited_for_minutes(states: dict[str, State], step: str) -> None:
    busy = states[step]["Retry"][1]

    waits = [min(busy["IntervalSeconds"] * busy["BackoffRate"] ** n, busy["MaxDelaySeconds"]) for n in range(busy["MaxAttempts"])]

    assert 120 <= sum(waits) / 2 <= 1200  # with full jitter, half of each on average


def test_a_task_outlasts_the_function_it_waits_for(blueprint: Blueprint, states: dict[str, State]) -> None:
    longest = max(blueprint.template["Mappings"]["Sizes"]["TrainingTimeout"].values())

    assert longest < TASK_SECONDS < CONTAINER_SECONDS
    assert {s["TimeoutSeconds"] for _, s in tasks(states) if "lambda:invoke" in s["Resource"]} == {TASK_SECONDS}


def test_a_run_outlasts_its_tasks(states: dict[str, State]) -> None:
    assert len(ELSEWHERE) * CONTAINER_SECONDS + len(list(tasks(states))) * TASK_SECONDS < RUN_SECONDS


def test_every_failure_leads_to_the_one_state_that_records_it_except_of_the_notification(states: dict[str, State]) -> None:
    caught = {name: state["Catch"] for name, state in states.items() if state["Type"] in {"Task", "Map"}}

    for name, (catch,) in caught.items():
        assert catch["ErrorEquals"] == ["States.ALL"]
        assert catch["ResultPath"] not in {"$", None}
        assert catch["Next"] == {"notify": "Promoted", FAILED: "Failed"}.get(name, FAILED), name


def test_a_failed_execution_has_the_error_of_the_step(states: dict[str, State]) -> None:
    assert states[FAILED]["Next"] == "Failed"
    assert states[FAILED]["ResultPath"] == "$.failure"
    assert states["Failed"] == {"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"}


@pytest.mark.parametrize("step", ELSEWHERE)
@pytest.mark.parametrize(("compute", "tasks_on_the_way"), [("ecs", ["Define {} on ECS", "{} on ECS"]), ("sagemaker", ["{} on SageMaker"])])
def test_compute_sends_the_long_steps_into_a_container_and_no_other(
    machine: State, step: str, compute: str, tasks_on_the_way: list[str]
) -> None:
    passed = [name for name in path(machine, {"compute": compute}) if machine["States"][name]["Type"] == "Task"]

    in_container = [f"Hand {step} over", f"Image for {step}", *(name.format(step) for name in tasks_on_the_way), f"Take {step} over"]
    start = passed.index(in_container[0])
    assert passed[start : start + len(in_container)] == in_container
    assert [name for name in STEPS if name not in passed] == ELSEWHERE


@pytest.mark.parametrize("step", ELSEWHERE)
def test_the_container_runs_the_step_by_the_command_line(states: dict[str, State], step: str) -> None:
    command = f"States.Array('step', '{step}', '--run-id', $$.Execution.Name)"
    entry_point = ["python3", "-m", "fieldwise_training"]

    (container,) = states[f"{step} on ECS"]["Parameters"]["Overrides"]["ContainerOverrides"]
    (defined,) = states[f"Define {step} on ECS"]["Parameters"]["ContainerDefinitions"]
    job = states[f"{step} on SageMaker"]["Parameters"]["AppSpecification"]

    assert (defined["Name"], defined["EntryPoint"], defined["Image.$"]) == (container["Name"], entry_point, "$.image.uri")
    assert (job["ContainerEntrypoint"], job["ImageUri.$"]) == (entry_point, "$.image.uri")
    assert container["Command.$"] == job["ContainerArguments.$"] == command


def test_the_containers_have_what_the_template_makes_for_them() -> None:
    with_ecs, with_jobs = blueprint_with(TrainingContainers="subnet-1a,subnet-2b"), blueprint_with(TrainingContainers="sagemaker")
    ecs, jobs = (json.loads(one.definition("TrainingStateMachine"))["States"] for one in (with_ecs, with_jobs))

    defined, task, job = ecs["Define finetune on ECS"]["Parameters"], ecs["finetune on ECS"]["Parameters"], jobs["finetune on SageMaker"]
    assert (defined["TaskRoleArn"], defined["ExecutionRoleArn"]) == (
        with_ecs.arn("TrainingTaskRole"),
        with_ecs.arn("TrainingTaskExecutionRole"),
    )
    (container,) = defined["ContainerDefinitions"]
    assert container["LogConfiguration"]["Options"]["awslogs-group"] == with_ecs.name("TrainingTaskLogs")
    assert task["Cluster"] == with_ecs.name("TrainingCluster")
    subnets = task["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets.$"]
    assert subnets == "States.StringSplit('subnet-1a,subnet-2b', ',')"
    assert job["Parameters"]["RoleArn"] == with_jobs.arn("TrainingJobRole")
    function = with_ecs.of_type("AWS::Lambda::Function")["TrainingFunction"]["Environment"]["Variables"]
    assert {"Name": "MODEL_STORE", "Value": function["MODEL_STORE"]} in container["Environment"]
    assert function["COMPUTES"] == "lambda,ecs"


@pytest.mark.parametrize(("entries", "is_sharded"), [(SHARDED_FROM - 1, False), (SHARDED_FROM, True)])
def test_many_texts_are_embedded_by_a_distributed_map(machine: State, entries: int, is_sharded: bool) -> None:
    passed = path(machine, entries=entries)

    assert ("shard" in passed, EMBED in passed) == (is_sharded, is_sharded)
    mapped = machine["States"][EMBED]
    assert mapped["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert mapped.keys().isdisjoint({"ToleratedFailurePercentage", "ToleratedFailureCount"})
    assert mapped["Next"] == "index"


def test_the_schema_of_the_input_has_every_mode_and_parameter_with_its_meaning() -> None:
    schema = json.loads(texts()["input.schema.json"])
    parameters = schema["$defs"]["Overrides"]

    assert schema["required"] == ["mode"]
    assert schema["$defs"]["Mode"]["enum"] == [mode.value for mode in Mode]
    assert set(parameters["properties"]) == set(Overrides.model_fields)
    assert [name for name, parameter in parameters["properties"].items() if not parameter.get("description")] == []
    assert parameters["additionalProperties"] is False


def test_the_input_is_refused_by_the_first_step_as_the_schema_says() -> None:
    parse_request({"mode": "build-index", "parameters": {"compute": None}, "Comment": "ignored"})

    with pytest.raises(SettingsError, match=r"parameters\.epochs: Extra inputs"):
        parse_request({"mode": "build-index", "parameters": {"epochs": 3}})


def test_the_definition_is_valid_json_before_and_after_its_substitutions(blueprint: Blueprint) -> None:
    json.loads((ROOT / "infra/statemachine/training.asl.json").read_text())

    assert "${" not in blueprint.definition("TrainingStateMachine")


def test_the_workflow_is_a_standard_one_with_a_time_limit(blueprint: Blueprint) -> None:
    (resource,) = blueprint.of_type("AWS::StepFunctions::StateMachine").values()

    assert resource["StateMachineType"] == "STANDARD"
    assert json.loads(blueprint.definition("TrainingStateMachine"))["TimeoutSeconds"] == RUN_SECONDS


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
