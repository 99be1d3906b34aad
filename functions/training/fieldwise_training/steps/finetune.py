"""finetune: the base model is fine-tuned on synonyms and feedback; kept only if it reads held-out fields better."""

from fieldwise_training.state import FineTuningFacts, Mode, RunState
from fieldwise_training.steps.context import TrainingContext


def finetune(_context: TrainingContext, state: RunState) -> RunState:
    """Says why nothing was fine-tuned."""
    reason = "only full-train fine-tunes" if state.mode is not Mode.FULL_TRAIN else "not implemented yet"
    return state.model_copy(update={"fine_tuning": FineTuningFacts(kept=False, reason=reason)})


def summary(state: RunState) -> str:
    """One line for the console and the report."""
    return state.fine_tuning.reason if state.fine_tuning is not None else "none"
