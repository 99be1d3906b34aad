"""calibrate: when a match is accepted, fitted to authored forms and votes."""

from fieldwise_training.state import CalibrationFacts, RunState
from fieldwise_training.steps.context import TrainingContext


def calibrate(_context: TrainingContext, state: RunState) -> RunState:
    """Leaves the thresholds as `ranker` fitted them."""
    return state.model_copy(update={"calibration": CalibrationFacts()})


def summary(state: RunState) -> str:
    """One line for the console and the report."""
    facts = state.calibration or CalibrationFacts()
    return f"fitted to {facts.fields} authored fields and {facts.votes} with votes"
