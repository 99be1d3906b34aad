"""The training function: one step of a run per invocation, called by Step Functions."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.errors import CodeChanged, SettingsError
from fieldwise_common.events import open_events
from fieldwise_common.observability import logger, traced_handler
from fieldwise_common.settings import load_settings
from fieldwise_common.store.model_store import open_store
from fieldwise_training.progress.report import LoggedProgress
from fieldwise_training.release.provenance import code_version
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import RunState, faults_of, parse_request
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import FIRST, STEPS
from fieldwise_training.steps.validate import begin
from fieldwise_training.workflow.failed import record_failure
from fieldwise_training.workflow.handover import hand_over, take_over
from fieldwise_training.workflow.shards import embed, shard

FAILED = "failed"
"""What the state machine calls after any task that failed."""
BETWEEN_STEPS: Mapping[str, Callable[[TrainingContext, RunState], RunState]] = {
    "hand-over": hand_over,
    "take-over": take_over,
    "shard": shard,
}
"""What the state machine calls between steps, by name; see `workflow/`."""
EMBED = "embed"
"""What the state machine calls for each shard."""


class StepEvent(BaseModel):
    """The payload that a task of the state machine sends. For the first step, `state` is the input of the execution."""

    model_config = ConfigDict(frozen=True)

    step: str
    run_id: str
    state: dict[str, Any]
    shard: str = ""
    """With `embed`: the shard to embed."""


@cache
def make_context() -> TrainingContext:
    """Settings and store, once per process. Raises SettingsError."""
    settings = load_settings(TrainingSettings)
    events = open_events(settings.event_bus)
    return TrainingContext(open_store(settings.model_store), settings, on_progress=LoggedProgress(), events=events)


@logger.inject_lambda_context
@traced_handler
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Runs one step and returns the next state. Errors are not caught: the workflow shows their names and messages."""
    return run_step(make_context(), event)


def run_step(context: TrainingContext, event: dict[str, Any]) -> dict[str, Any]:
    """Runs the step that the event names; returns the next state. `failed` returns the error, `embed` nothing.

    Raises SettingsError for a malformed event, CodeChanged when other code began the run, and whatever the step raises.
    """
    try:
        task = StepEvent.model_validate(event)
        logger.append_keys(step=task.step, run_id=task.run_id)
        if task.step == FAILED:
            return record_failure(context, task.run_id, task.state)
        if task.step not in {*STEPS, *BETWEEN_STEPS, EMBED}:
            raise SettingsError(f"bad event: step: unknown step {task.step!r}; the steps are {', '.join(STEPS)}")
        is_first = task.step == FIRST
        state = begin(context, parse_request(task.state), task.run_id) if is_first else RunState.model_validate(task.state)
    except ValidationError as error:
        raise SettingsError(f"bad event: {faults_of(error)}") from None
    if state.code != code_version():
        raise CodeChanged(f"the function was redeployed during the run {task.run_id}: start a new run")
    if task.step == EMBED:
        embed(context, state, task.shard)
        return {}
    between = BETWEEN_STEPS.get(task.step)
    after = between(context, state) if between is not None else STEPS[task.step].timed(context, state)
    logger.info("step done", extra={"model_version": after.version})
    return after.model_dump(mode="json")
