"""The functions of the template, running: each with its own processes, environment and permissions."""

import json
import threading
from collections.abc import Mapping
from typing import Protocol

from local.aws.invoke import Answer
from local.aws.sessions import Connection
from local.places import Places
from local.runtime.child import Child, Launch
from local.runtime.runtime_api import Invocation, failure
from local.runtime.task_root import lay_out
from local.template.blueprint import FunctionPlan

MAX_RESPONSE = 6 * 1024 * 1024


class RunningFunction:
    """A function and its execution environments: made when they are needed, `most` at a time, one event each."""

    def __init__(self, plan: FunctionPlan, launch: Launch, most: int) -> None:
        self.plan = plan
        self._launch = launch
        self._slots = threading.Semaphore(most)
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def invoke(self, payload: bytes, arn: str) -> Answer:
        """Runs the handler on an event, after the events that came before it."""
        with self._slots:
            child = self._take()
            if child is None:
                return failure("Sandbox.Stopped", "the local stack is being stopped")
            answer = child.run(Invocation(payload, arn, self.plan.timeout_seconds))
            self._give_back(child)
        if len(answer.payload) > MAX_RESPONSE:
            return failure("Function.ResponseSizeTooLarge", f"a response may have {MAX_RESPONSE} bytes at most")
        return answer

    def _take(self) -> Child | None:
        """The process that was used last: the one whose caches are warmest."""
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive:
                    return child
                self._bury(child)
            if self._is_stopped:
                return None
            child = Child(self._launch)
            self._all.add(child)
            return child

    def _give_back(self, child: Child) -> None:
        with self._lock:
            if child.is_alive and not self._is_stopped:
                self._idle.append(child)
            else:
                self._bury(child)

    def _bury(self, child: Child) -> None:
        if child in self._all:
            self._all.remove(child)
            child.stop()

    def stop(self) -> None:
        """Stops every process; invocations under way end with an error."""
        with self._lock:
            self._is_stopped = True
            for child in tuple(self._all):
                self._bury(child)


class HostedFunction(Protocol):
    """A function that runs, wherever it does."""

    plan: FunctionPlan

    def invoke(self, payload: bytes, arn: str) -> Answer:
        """Runs the handler on a JSON event, as invoked under `arn`."""

    def stop(self) -> None:
        """Ends what runs it; invocations under way end with an error."""


class FunctionRegistry:
    """Every running function, by the names and ARNs that mean it."""

    def __init__(self, functions: Mapping[str, HostedFunction]) -> None:
        self._functions = functions

    def find(self, target: str) -> tuple[str, HostedFunction] | None:
        """The qualified ARN and the function of `name`, `name:alias`, an ARN or an ARN with an alias."""
        parts = target.split(":")[6 if target.startswith("arn:") else 0 :]
        name, alias = [*parts, "", ""][:2]
        function = self._functions.get(name)
        if function is None or (alias and alias not in function.plan.aliases):
            return None
        return (f"{function.plan.arn}:{alias}" if alias else function.plan.arn), function

    def call(self, target: str, event: object) -> Answer:
        """Invokes a function from within the stack. Raises KeyError when there is none of that name."""
        found = self.find(target)
        if found is None:
            raise KeyError(target)
        arn, function = found
        return function.invoke(json.dumps(event).encode(), arn)

    def stop(self) -> None:
        """Stops every function."""
        for function in self._functions.values():
            function.stop()


def run_function(plan: FunctionPlan, connection: Connection, places: Places, most: int) -> RunningFunction:
    """A function with only the template's environment, its role's session, and what Lambda itself sets."""
    temp = places.temp / plan.logical_id
    temp.mkdir(parents=True, exist_ok=True)
    label = plan.logical_id.removesuffix("Function").lower()
    environment = {
        **plan.environment,
        "AWS_ACCESS_KEY_ID": connection.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": connection.credentials.secret_access_key,
        "AWS_SESSION_TOKEN": connection.credentials.session_token,
        "AWS_REGION": connection.region,
        "AWS_DEFAULT_REGION": connection.region,
        "AWS_ENDPOINT_URL": connection.url,
        "AWS_LAMBDA_FUNCTION_NAME": plan.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(plan.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{plan.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": str(temp),
        "TZ": ":UTC",
    }
    task = lay_out(plan.source, places.tasks / plan.logical_id)
    return RunningFunction(plan, Launch(label, task, environment, places.logs / f"{label}.log"), most)
