"""evaluate: the version and the one in production, on the same held-out forms, in the same run."""

from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.evaluation.evaluate import measure_champion, measure_draft
from fieldwise_training.evaluation.metrics import Metrics
from fieldwise_training.release.versioning import workbench
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import EVALUATION_FILE, TrainingContext

METRICS_FILE = "metrics.json"


def evaluate(context: TrainingContext, state: RunState) -> RunState:
    """Writes `metrics.json`. Raises CorruptVersion when inference could not serve the version."""
    draft = context.draft(state)
    known = ids_of(load_canonical(context.data / "canonical"))
    with workbench() as folder:
        forms = load_forms(draft.download([EVALUATION_FILE], folder)[EVALUATION_FILE], known)
    candidate = measure_draft(draft, forms, context.on_progress)
    champion, problem = None, None
    if state.parent is not None:
        champion, problem = measure_champion(context.store, state.parent, forms, context.on_progress)
    metrics = Metrics(candidate=candidate, champion=champion, champion_problem=problem, encoder=state.encoder)
    draft.write(METRICS_FILE, metrics.model_dump_json(indent=1) + "\n")
    return state.model_copy(
        update={
            "accuracy": candidate.overall.accuracy,
            "champion_accuracy": champion.overall.accuracy if champion is not None else None,
        }
    )
