"""A whole run in one process: the workflow's steps, in the workflow's order, with its choice after the gate."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.errors import FieldwiseError
from fieldwise_common.events import LearningStopped
from fieldwise_training.state import RunRequest, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import FIRST, MEASURING, RELEASING, Step
from fieldwise_training.steps.validate import begin

FAILURES = (FieldwiseError, OSError, BotoCoreError, ClientError, RuntimeError)
"""What a step can fail with: our own errors, the disk, AWS, and torch or FAISS (RuntimeError). Anything else is a bug."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that succeeded: how long it took, and its summary."""

    name: str
    seconds: float
    summary: str


class StepFailed(FieldwiseError):
    """A step failed; the message names it and the cause."""

    def __init__(self, step: str, cause: Exception) -> None:
        super().__init__(f"{step} failed: {type(cause).__name__}: {' '.join(str(cause).split())}")


def run(
    context: TrainingContext,
    request: RunRequest,
    run_id: str,
    running: Callable[[str], AbstractContextManager[object]],
    done: Callable[[StepDone], None],
) -> RunState:
    """Runs every step, each within `running(name)`, and calls `done` after each. The last state says whether the version was promoted.

    Raises StepFailed, after the event is published. The pointer has then not moved, unless the step was `notify`.
    """

    def failed(step: str, error: Exception, version: str | None = None) -> StepFailed:
        context.events.publish(LearningStopped(run_id=run_id, version=version, step=step, error=type(error).__name__))
        return StepFailed(step, error)

    def take(step: Step, state: RunState) -> RunState:
        try:
            with running(step.name):
                after = step.timed(context, state)
        except FAILURES as error:
            raise failed(step.name, error, state.version) from error
        done(StepDone(step.name, after.seconds[step.name], step.summary(after)))
        return after

    try:
        state = begin(context, request, run_id)
    except FAILURES as error:
        raise failed(FIRST, error) from error
    for step in MEASURING:
        state = take(step, state)
    for step in RELEASING:
        if state.promote:  # and not superseded by now
            state = take(step, state)
    return state
