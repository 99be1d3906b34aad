"""promote: the pointer moves to the version."""

from fieldwise_common.errors import PromotionConflict
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.gate import superseded


def promote(context: TrainingContext, state: RunState) -> RunState:
    """Moves the pointer, if the parent is still live; otherwise the run is superseded. Raises PromotionRefused during a prune of it."""
    try:
        context.store.promote(state.version, state.run_id, state.parent)
    except PromotionConflict:
        live = context.store.published_or_none()
        return superseded(context, state, live.pointer.version if live is not None else None)
    return state.model_copy(update={"promoted": True})


def summary(state: RunState) -> str:
    """One line for the console."""
    return f"superseded: {state.reason}" if state.superseded else "live"
