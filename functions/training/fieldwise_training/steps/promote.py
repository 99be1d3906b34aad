"""promote: the pointer moves to the version."""

from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def promote(context: TrainingContext, state: RunState) -> RunState:
    """Moves the pointer, if it is still as the gate read it. Raises PromotionConflict otherwise."""
    context.store.promote(state.version, state.run_id, state.pointer_etag)
    return state.model_copy(update={"promoted": True})


def summary(_: RunState) -> str:
    """One line for the console."""
    return "live"
