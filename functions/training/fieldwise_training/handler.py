"""The training function: one step of a run per invocation, from Step Functions."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.errors import CodeChanged, SettingsError
from fieldwise_common.observability import logger, tracer
from fieldwise_common.settings import load_settings
from fieldwise_common.store.model_store import open_store
from fieldwise_training.progress.report import LoggedProgress
from fieldwise_training.release.provenance import code_version
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import RunState, parse_request
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import FIRST, STEPS
from fieldwise_training.steps.validate import validate


class StepEvent(BaseModel):
    """What a task state of the workflow sends."""

    model_config = ConfigDict(frozen=True)

    step: Literal["validate", "load", "encoder", "index", "ranker", "evaluate", "seal", "gate", "promote", "notify"]
    run_id: str
    state: dict[str, Any]


@cache
def make_context() -> TrainingContext:
    """Settings and store, once per process. Raises SettingsError."""
    settings = load_settings(TrainingSettings)
    return TrainingContext(open_store(settings.model_store), settings, on_progress=LoggedProgress())


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)  # feedback is of users, and a trace is of everybody
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Runs the step and answers the next state; an error leaves under its own name, for the workflow to show."""
    return run_step(make_context(), event)


def run_step(context: TrainingContext, event: dict[str, Any]) -> dict[str, Any]:
    """One step, from an event.

    Raises SettingsError for an event that is none, CodeChanged when another code began the run, and whatever the step raises.
    """
    try:
        task = StepEvent.model_validate(event)
        state = RunState.model_validate(task.state) if task.step != FIRST else None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"bad event: {faults}") from None
    if state is not None and state.code != code_version():
        raise CodeChanged(f"the function was deployed anew during the run {task.run_id}: start it again")
    logger.append_keys(step=task.step, run_id=task.run_id)
    after = validate(context, parse_request(task.state), task.run_id) if state is None else STEPS[task.step](context, state)
    logger.info("step done", extra={"model_version": after.version})
    return after.model_dump(mode="json")
