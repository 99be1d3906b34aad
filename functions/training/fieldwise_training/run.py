"""A whole run in one process: the workflow's steps, in the workflow's order, with its choice after the gate."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.errors import FieldwiseError
from fieldwise_training.state import RunRequest, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import FIRST, MEASURING, RELEASING, Step
from fieldwise_training.steps.validate import validate

FAILURES = (FieldwiseError, OSError, BotoCoreError, ClientError, RuntimeError)
"""What a step may meet: what we refuse, the disk, AWS, and what torch and FAISS raise. Anything else is a fault in the code."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """One step that went well, with what it took and the state after it."""

    name: str
    seconds: float
    state: RunState


class StepFailed(FieldwiseError):
    """A step could not be done; the message names it and the cause."""

    def __init__(self, step: str, cause: Exception) -> None:
        super().__init__(f"{step} failed: {type(cause).__name__}: {' '.join(str(cause).split())}")


def run(
    context: TrainingContext,
    request: RunRequest,
    run_id: str,
    started: Callable[[str], AbstractContextManager[object]],
    done: Callable[[StepDone], None],
) -> RunState:
    """Takes every step; the last state says whether the version was promoted. `started` wraps each step, `done` hears of it.

    Raises StepFailed; the pointer is then where it was, unless it was telling inference that failed.
    """

    def take(name: str, act: Callable[[], RunState]) -> RunState:
        begun = time.perf_counter()
        try:
            with started(name):
                after = act()
        except FAILURES as error:
            raise StepFailed(name, error) from error
        done(StepDone(name, time.perf_counter() - begun, after))
        return after

    def take_step(name: str, step: Step, state: RunState) -> RunState:
        return take(name, lambda: step(context, state))

    state = take(FIRST, lambda: validate(context, request, run_id))
    for name, step in MEASURING.items():
        state = take_step(name, step, state)
    if state.promote:
        for name, step in RELEASING.items():
            state = take_step(name, step, state)
    return state
