"""The committed state machine, run by the embedded AWS on the training function's handler in this process."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.infrastructure.conftest import blueprint_with

from fieldwise_training.handler import run_step
from fieldwise_training.steps.context import TrainingContext
from local.aws.invoke import Answer, InvokeApi
from local.aws.server import AwsServer
from local.aws.sessions import Connection

ROLE = "interpreter"
INVOKE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}]}
Event = dict[str, Any]


class Handler:
    """Runs `run_step` on each event. `before` is called first, with each event, and may raise an `InjectedError` instead."""

    def __init__(self, context: TrainingContext, before: Callable[[Event], None]) -> None:
        self._context = context
        self._before = before
        self.events: list[Event] = []

    def find(self, target: str) -> tuple[str, "Handler"]:
        return target, self

    def invoke(self, payload: bytes, arn: str) -> Answer:
        event = json.loads(payload)
        self.events.append(event)
        try:
            self._before(event)
            return Answer(json.dumps(run_step(self._context, event)).encode())
        except InjectedError as error:
            return _failed(error.name, str(error))
        except Exception as error:  # noqa: BLE001 as Lambda does
            return _failed(type(error).__name__, str(error))


class InjectedError(Exception):
    """Reported under another name, as Lambda reports its own."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def _failed(name: str, message: str) -> Answer:
    return Answer(json.dumps({"errorType": name, "errorMessage": message, "stackTrace": ["line"]}).encode(), is_error=True)


class Execution:
    """A finished execution: its status, output or error, and the states it passed."""

    def __init__(self, description: Mapping[str, Any], events: list[Event]) -> None:
        self.status: str = description["status"]
        self.output: Event = json.loads(description.get("output") or "{}")
        self.error, self.cause = description.get("error", ""), description.get("cause", "")
        self.states = [event["stateEnteredEventDetails"]["name"] for event in events if event["type"].endswith("StateEntered")]


def execute(
    aws: AwsServer,
    context: TrainingContext,
    name: str,
    given: object,
    *,
    edit: Callable[[str], str] = str,
    before: Callable[[Event], None] = lambda _: None,
    containers: str = "",
) -> tuple[Execution, list[Event]]:
    """Runs one execution of the definition, after `edit`, and returns it with the events of the handler."""
    handler = Handler(context, before)
    aws.invoke_api = InvokeApi(handler, ROLE)
    connection = Connection(aws.url, "us-east-1")
    iam, states = connection.client("iam"), connection.client("stepfunctions")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName=ROLE, PolicyName="invoke", PolicyDocument=json.dumps(INVOKE))
    definition = edit(blueprint_with(TrainingContainers=containers).definition("TrainingStateMachine"))
    machine = states.create_state_machine(name="training", definition=definition, roleArn="arn:aws:iam::123456789012:role/interpreter")
    started = states.start_execution(stateMachineArn=machine["stateMachineArn"], name=name, input=json.dumps(given))
    while (description := states.describe_execution(executionArn=started["executionArn"]))["status"] == "RUNNING":
        time.sleep(0.05)
    history = states.get_execution_history(executionArn=started["executionArn"], maxResults=1000)
    return Execution(description, history["events"]), handler.events
