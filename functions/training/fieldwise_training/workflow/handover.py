"""A long step on ECS or SageMaker: the state machine leaves the state in the store, the container replaces it by the next one.

A container's task returns nothing, and its command is limited to 8,192 characters; so the state goes through the store.
"""

from pydantic import ValidationError

from fieldwise_common.errors import CodeChanged, SettingsError, StoreError
from fieldwise_common.store import layout
from fieldwise_common.store.objects import ObjectMissing
from fieldwise_training.release.provenance import code_version
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.order import STEPS


def hand_over(context: TrainingContext, state: RunState) -> RunState:
    """Leaves the state for the container; returns it unchanged."""
    context.store.objects.put(_key(state.run_id), state.model_dump_json().encode())
    return state


def take_over(context: TrainingContext, state: RunState) -> RunState:
    """The next state, as the container left it. Raises StoreError if the container ended without a result."""
    after = _read(context, state.run_id)
    if not after.seconds.keys() > state.seconds.keys():
        raise StoreError(f"{_key(state.run_id)} has no result of the step: its container ended early, see its log")
    return after


def run_in_container(context: TrainingContext, name: str, run_id: str) -> RunState:
    """Runs one step of a run on the state in the store, and leaves the next one there. What `python -m fieldwise_training step` does.

    Raises SettingsError for an unknown step or run, CodeChanged when other code began the run, and whatever the step raises.
    """
    if name not in STEPS:
        raise SettingsError(f"unknown step {name!r}; the steps are {', '.join(STEPS)}")
    state = _read(context, run_id)
    if state.code != code_version():
        raise CodeChanged(f"the run {run_id} was begun by other code than this container's: start a new run")
    return hand_over(context, STEPS[name].timed(context, state))


def _read(context: TrainingContext, run_id: str) -> RunState:
    try:
        return RunState.model_validate_json(context.store.objects.get(_key(run_id)).body)
    except ObjectMissing as error:
        raise SettingsError(f"no run {run_id!r} in this store waits for a container") from error
    except ValidationError as error:
        raise StoreError(f"{_key(run_id)} is not a state of a run") from error


def _key(run_id: str) -> str:
    return f"{layout.RUNS}{run_id}/state.json"
