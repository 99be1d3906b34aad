"""evaluate: the version and the one in production are measured on the same forms, and compared field by field."""

from collections.abc import Sequence

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_common.store.overrides import Overrides, read_overrides
from fieldwise_inference.classify.sites import SiteAnswers
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import dump_forms, load_forms, load_guard
from fieldwise_training.evaluation.agreed import agreed_forms, held_out
from fieldwise_training.evaluation.ancestors import best_ancestor
from fieldwise_training.evaluation.comparison import TRAINING_NOISE, compare
from fieldwise_training.evaluation.intervals import differences
from fieldwise_training.evaluation.measure import Parts, loaded_draft, measure_champion, measured_on, predict_parts
from fieldwise_training.evaluation.metrics import percent
from fieldwise_training.evaluation.overrides import review
from fieldwise_training.evaluation.predictions import Part, Predictions, PredictionsFile, TruthForm
from fieldwise_training.evaluation.record import Ancestor, Metrics
from fieldwise_training.feedback.judged import read_judged
from fieldwise_training.release.draft import Draft, temporary_folder
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.parent import parent_manifest


def evaluate(context: TrainingContext, state: RunState) -> RunState:
    """Writes the guard forms, `predictions.json` and `metrics.json`.

    Raises CorruptVersion when inference could not serve the version, DataError when there are no forms to evaluate on.
    """
    draft = context.draft(state)
    parts = _parts(context, draft)
    overrides, overrides_problem = _overrides(context)
    with loaded_draft(draft) as version:
        predictions = predict_parts(version, parts, context.on_progress)
        reviewed = review(overrides, version)
    draft.write(layout.PREDICTIONS, PredictionsFile(parts=predictions).model_dump_json() + "\n")
    champion, problem = None, None
    if state.parent is not None:
        champion, problem = measure_champion(context.store, state.parent, state.code, parts, context.on_progress)
    compared = {
        part: compare(forms, predictions[part], champion[part] if champion else None, _noise(state) if part is Part.EVALUATION else 0.0)
        for part, forms in parts.items()
    }
    evaluation = parts[Part.EVALUATION]
    stricter, looser = _price(context, state)
    metrics = Metrics(
        candidate=measured_on(state.version, evaluation, predictions[Part.EVALUATION]),
        champion=measured_on(state.parent, evaluation, champion[Part.EVALUATION]) if state.parent and champion else None,
        champion_problem=problem,
        encoder=state.encoder,
        forms=len(evaluation),
        sites=len({form.cluster for form in evaluation}),
        evaluation=compared[Part.EVALUATION],
        differences=differences(evaluation, predictions[Part.EVALUATION], champion[Part.EVALUATION]) if champion else {},
        stricter=stricter,
        looser=looser,
        ancestor=_ancestor(context, state, evaluation, predictions[Part.EVALUATION]),
        guard=compared[Part.GUARD],
        held_out_votes=compared[Part.HELD_OUT_VOTES],
        agreed=compared[Part.AGREED],
        overrides=reviewed,
        overrides_problem=overrides_problem,
    )
    draft.write(layout.METRICS, metrics.model_dump_json(indent=1) + "\n")
    return state.model_copy(
        update={
            "accuracy": metrics.candidate.overall.accuracy,
            "champion_accuracy": metrics.champion.overall.accuracy if metrics.champion is not None else None,
        }
    )


def _parts(context: TrainingContext, draft: Draft) -> Parts:
    """The forms to measure on; the guard forms are stored in the version."""
    known = ids_of(load_canonical(context.data / "canonical"))
    guard = load_guard(context.data, known)
    draft.write(layout.GUARD, dump_forms(guard))
    with temporary_folder() as folder:
        files = draft.download([layout.EVALUATION, layout.JUDGED], folder)
        evaluation = load_forms(files[layout.EVALUATION], known)
        agreed = agreed_forms(read_judged(files[layout.JUDGED]), SiteAnswers.model_validate_json(draft.read(layout.SITES)))
    return {
        Part.EVALUATION: [TruthForm.of(form) for form in evaluation],
        Part.GUARD: [TruthForm.of(form) for form in guard],
        Part.AGREED: agreed,
        Part.HELD_OUT_VOTES: held_out(agreed),
    }


def _price(context: TrainingContext, state: RunState) -> tuple[str | None, str | None]:
    """That wrong fills are dearer than for the parent, or that they are cheaper, in words; None where it is not so."""
    parent = parent_manifest(context, state)
    after = state.parameters.wrong_cost
    before = parent.parameters.get("wrong_cost", after) if parent is not None else after  # versions of earlier releases lack it
    words = f"wrong_cost is {after:g} instead of {before:g}"
    return words if after > before else None, words if after < before else None


def _ancestor(context: TrainingContext, state: RunState, forms: Sequence[TruthForm], predictions: Predictions) -> Ancestor | None:
    if state.parent is None:
        return None
    best = best_ancestor(context.store, state.parent, state.parameters.wrong_cost, forms)
    if best is None:
        return None
    return Ancestor(version=best.version, of=best.of, compared=compare(forms, predictions, best.predictions, _noise(state)))


def _noise(state: RunState) -> float:
    """The share of the evaluation fields that may be lost by the chance of a training; none if the ranker was not trained anew."""
    return 0.0 if state.ranker_reused else TRAINING_NOISE


def _overrides(context: TrainingContext) -> tuple[Overrides, str | None]:
    """The overrides in force. If they are damaged, returns the reason: they are only reported on, which must not stop a version."""
    try:
        return read_overrides(context.store.objects), None
    except CorruptVersion as error:
        logger.warning("the overrides are not reviewed", extra={"detail": str(error)})
        return Overrides(), str(error)


def summary(state: RunState) -> str:
    """One line for the console."""
    return f"top-1 {percent(state.accuracy)}, in production {percent(state.champion_accuracy)}"
