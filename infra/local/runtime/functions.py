"""The running functions of the template, each with its own processes, environment and permissions."""

import json
import threading
from collections.abc import Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from local.aws.invoke import Answer
from local.aws.sessions import Connection
from local.refusal import WrongTemplate
from local.runtime.runtime_api import Invocation, failure
from local.runtime.task_root import lay_out
from local.runtime.worker_process import Launch, WorkerProcess
from local.state_folder import StateFolder
from local.template.function_plan import FunctionPlan

MAX_RESPONSE = 6 * 1024 * 1024
API_PROCESSES = 2
"""Of a function behind the API: browsers send requests in parallel. Others have one, so that a model reload reaches all of them."""


class RunningFunction:
    """A function and its processes: started on demand, `most` at a time, each with one event at a time."""

    def __init__(self, plan: FunctionPlan, launch: Launch, most: int) -> None:
        self.plan = plan
        self._launch = launch
        self._slots = threading.Semaphore(most)
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def start(self) -> None:
        """Loads the code in a first process. Raises Refusal with the function's own error when that fails."""
        process = self._new()
        fault = process.fault()
        self._give_back(process)
        if fault is not None:
            why = " ".join(str(json.loads(fault.payload).get("errorMessage", "")).split())
            raise WrongTemplate(("Resources", self.plan.logical_id), f"it does not start: {why} (see {self._launch.log})")

    def invoke(self, payload: bytes, arn: str) -> Answer:
        """Runs the handler on an event; waits while all processes are busy."""
        with self._slots:
            process = self._take()
            if process is None:
                return failure("Sandbox.Stopped", "the local stack is being stopped")
            answer = process.run(Invocation(payload, arn, self.plan.timeout_seconds))
            self._give_back(process)
        if len(answer.payload) > MAX_RESPONSE:
            return failure("Function.ResponseSizeTooLarge", f"the response exceeds {MAX_RESPONSE} bytes")
        return answer

    def _take(self) -> WorkerProcess | None:
        """The most recently used process, whose caches are warmest; None once the function is stopped."""
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.is_alive:
                    return process
                self._discard(process)
            if self._is_stopped:
                return None
            return self._new()

    def _new(self) -> WorkerProcess:
        process = WorkerProcess(self._launch)
        self._all.add(process)
        return process

    def _give_back(self, process: WorkerProcess) -> None:
        with self._lock:
            if process.is_alive and not self._is_stopped:
                self._idle.append(process)
            else:
                self._discard(process)

    def _discard(self, process: WorkerProcess) -> None:
        if process in self._all:
            self._all.remove(process)
            process.stop()

    def stop(self) -> None:
        """Stops every process; invocations in progress end with an error."""
        with self._lock:
            self._is_stopped = True
            for process in tuple(self._all):
                self._discard(process)


def run_function(plan: FunctionPlan, connection: Connection, state: StateFolder, most: int) -> RunningFunction:
    """A function whose environment is the template's, its role's credentials, and what Lambda itself sets; nothing of this shell's."""
    temp = state.temp / plan.logical_id
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
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "TMPDIR": str(temp),
        "TZ": ":UTC",
    }
    task = lay_out(plan.source, state.tasks / plan.logical_id)
    return RunningFunction(plan, Launch(label, task, environment, state.logs / f"{label}.log"), most)


def run_functions(
    plans: Iterable[FunctionPlan], connections: Mapping[str, Connection], state: StateFolder, api_functions: Container[str]
) -> Mapping[str, RunningFunction]:
    """Every function, by its name. `connections` are by role, `api_functions` are the names of the functions the API calls."""
    return {
        plan.name: run_function(plan, connections[plan.role], state, API_PROCESSES if plan.name in api_functions else 1) for plan in plans
    }


def start_all(functions: Iterable[RunningFunction]) -> None:
    """Loads the functions' code in parallel. Raises Refusal for the first that can't be loaded."""
    with ThreadPoolExecutor() as starting:
        for _ in starting.map(RunningFunction.start, functions):
            pass
