"""One execution environment: a process that runs the handler under Lambda's own runtime client, one event at a time."""

import os
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.aws.invoke import Answer
from local.runtime.runtime_api import Invocation, RuntimeApi, failure
from local.runtime.task_root import TaskRoot

INIT_SECONDS = 60.0
"""Time to import the handler. Lambda allows 10 seconds; a laptop's disk cache may be cold."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a process."""

    label: str
    task: TaskRoot
    environment: Mapping[str, str]
    log: Path


class WorkerProcess:
    """A process that waits for invocations.

    It ends when it is stopped, when a handler exceeds its time limit, or when this process ends and the Runtime API with it.
    """

    def __init__(self, launch: Launch) -> None:
        self._api = RuntimeApi()
        path = (*launch.task.path, Path(sysconfig.get_path("purelib")))
        environment = {
            **launch.environment,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "_HANDLER": launch.task.handler,
            "LAMBDA_TASK_ROOT": str(launch.task.folder),
            "PYTHONPATH": ":".join(str(part.resolve()) for part in path),
        }
        launch.log.parent.mkdir(parents=True, exist_ok=True)
        with launch.log.open("ab") as log:
            # -S: the development environment's .pth files would let a function import code it does not ship with
            self._process = subprocess.Popen(  # noqa: S603 our own interpreter, on the template's own handler
                [sys.executable, "-S", "-m", "awslambdaric", launch.task.handler],
                env=environment,
                cwd=launch.task.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C must reach the parent alone, which stops its children itself
            )
        self._label = launch.label
        self._pending: Invocation | None = None
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        """When the process ends, passes the reason to the invocation that waits for it."""
        self._process.wait()
        self._api.ready.set()
        if self._pending is not None:
            self._pending.finish(self._end())

    def _end(self) -> Answer:
        request = f"RequestId: {self._pending.id} " if self._pending is not None else ""
        ended = f"{request}Error: Runtime exited with error: exit status {self._process.returncode}"
        return self._api.init_error or failure("Runtime.ExitError", ended)

    @property
    def is_alive(self) -> bool:
        """Whether the process can take another invocation."""
        return self._process.poll() is None

    def fault(self) -> Answer | None:
        """Waits until the process is ready for work; returns the error when it never will be, else None."""
        if not self._api.ready.wait(INIT_SECONDS):
            self.stop()
            return failure("Sandbox.Timedout", f"{self._label} was not ready after {INIT_SECONDS:.0f} seconds")
        return None if self.is_alive else self._end()

    def run(self, invocation: Invocation) -> Answer:
        """Runs one invocation until it is answered, its time is up, or the process ends."""
        self._pending = invocation
        fault = self.fault()
        if fault is not None:
            return fault
        self._api.submit(invocation)
        answer = invocation.wait(invocation.timeout_seconds)
        if answer is None:
            self.stop()
            message = f"RequestId: {invocation.id} Error: Task timed out after {invocation.timeout_seconds:.2f} seconds"
            answer = failure("Sandbox.Timedout", message)
        self._pending = None
        return answer

    def stop(self) -> None:
        """Kills the process and everything it started."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._watcher.join()
        self._api.stop()
