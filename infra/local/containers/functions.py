"""A function in its container, invoked through SAM's Lambda emulator."""

import json
import threading
from typing import Any

import httpx

from local.aws.invoke import Answer
from local.runtime.runtime_api import failure
from local.template.function_plan import FunctionPlan

START_SECONDS = 180.0
"""Time for a container to be created and to import its code, before the function's own time limit starts."""

ERROR_KEYS = {"errorType", "errorMessage"}
MAY_BE_IN_AN_ERROR = ERROR_KEYS | {"requestId", "stackTrace", "cause"}


class ContainerFunction:
    """A function behind the emulator on `url`; a warm container takes one event at a time."""

    def __init__(self, plan: FunctionPlan, url: str) -> None:
        self.plan = plan
        self._path = f"{url}/2015-03-31/functions/{plan.logical_id}/invocations"
        self._client = httpx.Client(timeout=plan.timeout_seconds + START_SECONDS, trust_env=False)
        self._one_at_a_time = threading.Lock()

    def invoke(self, payload: bytes, arn: str) -> Answer:
        """Runs the handler on an event. For a function that timed out or crashed, the emulator's answer is not JSON."""
        try:
            with self._one_at_a_time:
                response = self._client.post(self._path, content=payload, headers={"Content-Type": "application/json"})
        except httpx.HTTPError as error:
            return failure("Sandbox.Stopped", f"{arn}: the emulator did not answer ({type(error).__name__})")
        answer = _decoded(response.content)
        if response.status_code != 200 or answer is None:
            return failure("Sandbox.Timedout", f"{arn} did not answer: {' '.join(response.text.split())[:300] or 'empty answer'}")
        return Answer(response.content, is_error=_is_error(answer))

    def stop(self) -> None:
        """Closes the connection; the emulator stops the container."""
        self._client.close()


def _decoded(body: bytes) -> tuple[Any] | None:
    """The answer, in a tuple because it may be null; None when it is not JSON."""
    try:
        return (json.loads(body),)
    except ValueError:
        return None


def _is_error(answer: tuple[Any]) -> bool:
    """By its keys: the emulator does not mark errors that have a request id, and all those of the current runtime have one."""
    (body,) = answer
    return isinstance(body, dict) and ERROR_KEYS <= body.keys() <= MAY_BE_IN_AN_ERROR
