"""evaluate: the version and the one in production are measured on the same held-out forms, in the same run."""

from fieldwise_common.store import layout
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.evaluation.measure import measure_champion, measure_draft
from fieldwise_training.evaluation.metrics import Metrics, percent
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def evaluate(context: TrainingContext, state: RunState) -> RunState:
    """Writes `metrics.json`. Raises CorruptVersion when inference could not serve the version."""
    draft = context.draft(state)
    known = ids_of(load_canonical(context.data / "canonical"))
    with temporary_folder() as folder:
        forms = load_forms(draft.download([layout.EVALUATION], folder)[layout.EVALUATION], known)
    candidate = measure_draft(draft, forms, context.on_progress)
    champion, problem = None, None
    if state.parent is not None:
        champion, problem = measure_champion(context.store, state.parent, forms, context.on_progress)
    metrics = Metrics(candidate=candidate, champion=champion, champion_problem=problem, encoder=state.encoder)
    draft.write(layout.METRICS, metrics.model_dump_json(indent=1) + "\n")
    return state.model_copy(
        update={
            "accuracy": candidate.overall.accuracy,
            "champion_accuracy": champion.overall.accuracy if champion is not None else None,
        }
    )


def summary(state: RunState) -> str:
    """One line for the console."""
    return f"top-1 {percent(state.accuracy)}, in production {percent(state.champion_accuracy)}"
