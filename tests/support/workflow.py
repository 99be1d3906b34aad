"""The real state machine in the embedded stack, entered at a later state, so that no model has to be trained."""

import json
import time
from typing import Any

from local.stack import Stack


def begun(stack: Stack) -> dict[str, Any]:
    """The state of a run after its first step; its parent is the live version."""
    (training,) = (plan.name for plan in stack.blueprint.functions() if plan.logical_id == "TrainingFunction")
    answer = stack.functions.call(training, {"step": "validate", "run_id": "a-run", "state": {"mode": "build-index"}})
    assert not answer.is_error, answer.payload
    state: dict[str, Any] = json.loads(answer.payload)
    return state


def execute(stack: Stack, first: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Runs the template's state machine from one of its states on; the last state it entered, and its output."""
    states = stack.admin.client("stepfunctions")
    machine = states.describe_state_machine(stateMachineArn=stack.running.state_machine_arn)
    definition = json.dumps(json.loads(machine["definition"]) | {"StartAt": first})
    name = f"from-{first}-{time.time_ns()}"
    made = states.create_state_machine(name=name, definition=definition, roleArn=machine["roleArn"])["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=made, name=name, input=json.dumps(given))["executionArn"]
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.1)
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    history = states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if event["type"].endswith("StateEntered")]
    return entered[-1], json.loads(found["output"])
