"""The functions of the template, running: each with its own processes, environment and permissions."""

import json
import threading
from collections.abc import Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from local.aws.invoke import Answer
from local.aws.sessions import Connection
from local.places import Places
from local.refusal import wrong
from local.runtime.child import Child, Launch
from local.runtime.runtime_api import Invocation, failure
from local.runtime.task_root import lay_out
from local.template.function_plan import FunctionPlan

MAX_RESPONSE = 6 * 1024 * 1024
API_PROCESSES = 2
"""Of a function behind the front door: browsers ask in parallel. The others have one, so that a reload reaches all there is."""


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

    def start(self) -> None:
        """Loads the code into a first process. Raises Refusal with the function's own words when it can't be loaded."""
        child = self._new()
        fault = child.fault()
        self._give_back(child)
        if fault is not None:
            why = " ".join(str(json.loads(fault.payload).get("errorMessage", "")).split())
            raise wrong(("Resources", self.plan.logical_id), f"it does not start: {why} (see {self._launch.log})")

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
            return self._new()

    def _new(self) -> Child:
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


def run_functions(
    plans: Iterable[FunctionPlan], connections: Mapping[str, Connection], places: Places, behind_the_door: Container[str]
) -> Mapping[str, RunningFunction]:
    """Every function by its name; `connections` are by role, `behind_the_door` are the names of those the API calls."""
    return {
        plan.name: run_function(plan, connections[plan.role], places, API_PROCESSES if plan.name in behind_the_door else 1)
        for plan in plans
    }


def start_all(functions: Iterable[RunningFunction]) -> None:
    """Loads their code, side by side. Raises Refusal for the first that can't be loaded."""
    with ThreadPoolExecutor() as starting:
        for _ in starting.map(RunningFunction.start, functions):
            pass
