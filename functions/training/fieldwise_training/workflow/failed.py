"""failed: the one state that every failed task of the state machine leads to. It records what failed, for people, and publishes it."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.errors import FieldwiseError
from fieldwise_common.events import LearningStopped
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_common.store.model_store import ModelStore
from fieldwise_training.state import Mode
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import STEPS

MAX_CAUSE = 1_000
"""Characters of a recorded cause."""
HIDDEN = "not shown, as it may hold a value of a user: see the log of the training function"


class Failure(BaseModel):
    """`failures/<run id>.json`: a run that failed. Holds nothing that users wrote."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    at: datetime
    step: str
    """The first step without a result."""
    error: str
    """The error's name, as Step Functions reports it."""
    cause: str
    """One line for people."""
    version: str = ""
    """The draft that was being made; "" if the run failed before it had one."""
    mode: str = ""


def record_failure(context: TrainingContext, run_id: str, state: Mapping[str, Any]) -> dict[str, str]:
    """Writes the failure that the state machine caught into the store. Never raises: the run has failed already, with its own error.

    Returns that error, as `Error` and `Cause`.
    """
    try:
        failure = failure_of(run_id, state)
        context.store.objects.put(f"{layout.FAILURES}{run_id}.json", failure.model_dump_json(indent=1).encode())
        logger.error("the run failed", extra={"failed_step": failure.step, "error": failure.error, "model_version": failure.version})
        context.events.publish(LearningStopped(run_id=run_id, version=failure.version or None, step=failure.step, error=failure.error))
    except Exception as error:  # noqa: BLE001 whatever it is, it must not hide the error of the step
        logger.error("the failure could not be recorded", extra={"error": type(error).__name__})
    caught = _mapping(state.get("failure"))
    name = str(caught.get("Error", "")).removeprefix("States.")  # a Fail state may not use the prefix of Step Functions' own errors
    return {"Error": name, "Cause": str(caught.get("Cause", ""))}


def failure_of(run_id: str, state: Mapping[str, Any]) -> Failure:
    """The record of a failure. `state`: what the failed task was given, with Step Functions' `Error` and `Cause` as `failure`."""
    caught = _mapping(state.get("failure"))
    request = _mapping(state.get("input"))
    error = str(caught.get("Error", ""))
    done = _mapping(state.get("seconds"))
    mode = str(state.get("mode") or request.get("mode") or "")
    return Failure(
        run_id=run_id,
        at=datetime.now(UTC),
        step=next((step for step in STEPS if step not in done), ""),
        error=error,
        cause=cause_of(error, str(caught.get("Cause", ""))),
        version=str(state.get("version") or ""),
        mode=mode if mode in set(Mode) else "",
    )


def cause_of(error: str, cause: str) -> str:
    """A cause in one line, without a stack trace. The message of an error that is not ours is left out: it may quote a value."""
    if "." not in error and error not in _our_errors():  # AWS's own names have a service before the dot
        return HIDDEN
    try:
        found = _mapping(json.loads(cause))
    except ValueError:
        found = {}
    parts = [str(found[key]) for key in ("errorMessage", "StoppedReason", "FailureReason", "ExitMessage") if found.get(key)]
    for container in map(_mapping, found.get("Containers") or []):  # of an ECS task
        parts += [f"exit code {container['ExitCode']}"] if container.get("ExitCode") is not None else []
        parts += [str(container["Reason"])] if container.get("Reason") else []
    return " ".join(("; ".join(parts) or cause).split())[:MAX_CAUSE]


def read_failures(store: ModelStore) -> Iterator[Failure]:
    """Every recorded failure, the latest first. A record that can't be read is skipped, with a warning."""
    found = []
    for key in store.objects.keys(layout.FAILURES):
        try:
            found.append(Failure.model_validate_json(store.objects.get(key).body))
        except ValidationError:
            logger.warning("a record of a failure can't be read", extra={"key": key})
    yield from sorted(found, key=lambda failure: failure.at, reverse=True)


def _our_errors() -> set[str]:
    """The names of FieldwiseError and all classes below it."""

    def below(error: type[FieldwiseError]) -> Iterator[str]:
        yield error.__name__
        for child in error.__subclasses__():
            yield from below(child)

    return set(below(FieldwiseError))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
