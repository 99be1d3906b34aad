"""calibrate: when a match is accepted, fitted to authored forms, and to forms of held-out sites whose users agree on fields."""

from typing import Any

from fieldwise_common.store import layout
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.sites import SiteAnswers
from fieldwise_inference.classify.thresholds import Thresholds
from fieldwise_training.calibration.budget import assess, no_promise, raised, recorded
from fieldwise_training.calibration.evidence import NO_EVIDENCE, Evidence, gathered
from fieldwise_training.calibration.lexical import fit_lexical
from fieldwise_training.calibration.ranker import described, fit_thresholds, worth_filling
from fieldwise_training.calibration.without_ranker import fit_semantic, nearest
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import Form, load_forms
from fieldwise_training.evaluation.agreed import agreed_forms, for_calibration
from fieldwise_training.evaluation.details import Budget, CalibrationDetails
from fieldwise_training.evaluation.measure import loaded_draft
from fieldwise_training.evaluation.metrics import calibration_bins, percent
from fieldwise_training.evaluation.predictions import TruthForm
from fieldwise_training.feedback.judged import read_judged
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import CalibrationFacts, FeedbackFacts, Mode, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.parent import parent_manifest

SMOKE_EPOCHS = 1


def begin_thresholds(context: TrainingContext, state: RunState, lexicon: Lexicon) -> None:
    """Writes what must be known before the ranker is trained: the cut-off of fuzzy matches, as it is set or as it is fitted."""
    details = CalibrationDetails()
    cutoff = state.parameters.lex_threshold
    if cutoff is None:
        authored, voted = _forms(context, state)
        details = CalibrationDetails(lexical=fit_lexical(lexicon, [TruthForm.of(form) for form in authored], voted))
        cutoff = details.lexical.value if details.lexical is not None else None
    _write(context, state, Thresholds() if cutoff is None else Thresholds(lexical=cutoff), details)


def calibrate(context: TrainingContext, state: RunState) -> RunState:
    """Writes `thresholds.json`, which no later step changes, and `calibration.json`.

    Raises CorruptVersion when inference could not serve the version.
    """
    draft = context.draft(state)
    details = CalibrationDetails.model_validate_json(draft.read(layout.CALIBRATION))
    authored, voted = _forms(context, state)
    # Encoder and ranker are trained on the other forms, and on votes of other sites: only these show how sure they are of what is new.
    unseen = [(form.site, TruthForm.of(form)) for form in authored if form.is_for_calibration]
    unseen_votes = [(form.request.site, form) for form in voted]
    cost = state.parameters.wrong_cost
    with loaded_draft(draft) as version:
        semantic = fit_semantic(nearest(version, [form for _, form in unseen], voted), worth_filling(cost), version.thresholds)
        thresholds = semantic.thresholds
        details = details.model_copy(
            update={
                "semantic": semantic.base,
                "weights": semantic.thresholds.adjustments.model_dump(exclude={"lowest", "highest"}),
                "semantic_by_canonical": semantic.by_canonical,
            }
        )
        evidence, budget = NO_EVIDENCE, None
        promised = _promised(context, state)
        is_void = _is_void(promised, state)
        if version.ranker is not None:
            votes = gathered(version, version.ranker, unseen_votes, voted=True)
            evidence = gathered(version, version.ranker, unseen, on_progress=context.on_progress) + votes
            thresholds, budget = _of_ranker(context, state, version, thresholds, authored, evidence, votes)
            default, by_canonical = described(thresholds.ranker, evidence)
            filled = evidence.where(evidence.fillable)
            details = details.model_copy(
                update={
                    "ranker": default,
                    "ranker_by_canonical": by_canonical,
                    "reliability": calibration_bins(filled.score.tolist(), filled.right.tolist()),
                }
            )
        elif state.parameters.wrong_fill_budget is not None:
            budget = no_promise(state.parameters.wrong_fill_budget, "the version has no ranker, so no probabilities to keep a budget by")
    if budget is not None:
        budget = budget.model_copy(update=_live(state, is_void))
        details = details.model_copy(update={"budget": budget})
    _write(context, state, thresholds, details)
    facts = CalibrationFacts(
        fields=int((~evidence.voted).sum()),
        votes=int(evidence.voted.sum()),
        budget=state.parameters.wrong_fill_budget,
        bound=budget.bound if budget is not None else None,
        is_kept=budget.is_kept if budget is not None else None,
        is_void=is_void,
        void_budget=promised if is_void else None,
        coverage=budget.coverage if budget is not None else None,
        coverage_without_budget=budget.coverage_without if budget is not None else None,
    )
    return state.model_copy(update={"calibration": facts})


def _of_ranker(
    context: TrainingContext,
    state: RunState,
    version: LoadedVersion,
    thresholds: Thresholds,
    authored: tuple[Form, ...],
    evidence: Evidence,
    votes: Evidence,
) -> tuple[Thresholds, Budget | None]:
    """The thresholds with those of the ranker, within the budget if there is one."""
    base = fit_thresholds(evidence, state.parameters.wrong_cost)
    budget = state.parameters.wrong_fill_budget
    if budget is None:
        return thresholds.model_copy(update={"ranker": base}), None
    from fieldwise_training.calibration.cross_fit import cross_fitted  # torch takes seconds to import

    known = sorted(ids_of(load_canonical(context.data / "canonical")))
    epochs = SMOKE_EPOCHS if state.mode is Mode.SMOKE_TEST else state.parameters.ranker_epochs
    every = cross_fitted(authored, known, version, epochs, context.on_progress) + votes
    choice = assess(every, base).within(budget)
    strict = raised(base, every, choice.level)
    return thresholds.model_copy(update={"ranker": strict, "ranker_without_budget": base}), recorded(choice, budget)


def _promised(context: TrainingContext, state: RunState) -> float | None:
    """The budget that the live version was promised to keep, which this run's can differ from; None if nothing was promised."""
    parent = parent_manifest(context, state)
    facts: dict[str, Any] = (parent.metrics.get("calibration") if parent is not None else None) or {}
    return facts.get("budget") if facts.get("is_kept") else None


def _is_void(promised: float | None, state: RunState) -> bool | None:
    """Whether the live version's users contradict the budget it was made with; None without a budget or without fills of theirs."""
    rate = state.feedback.live_rate if state.feedback is not None else None
    return None if promised is None or rate is None else rate > promised


def _live(state: RunState, is_void: bool | None) -> dict[str, int | bool]:
    facts = state.feedback or FeedbackFacts()
    return {"live_fills": facts.live_fills, "live_wrong": facts.live_wrong, "is_void": bool(is_void)}


def _forms(context: TrainingContext, state: RunState) -> tuple[tuple[Form, ...], tuple[TruthForm, ...]]:
    """The authored forms that are not held out, and those for calibration whose users agree on fields."""
    draft = context.draft(state)
    known = ids_of(load_canonical(context.data / "canonical"))
    with temporary_folder() as folder:
        files = draft.download([layout.CORPUS, layout.JUDGED], folder)
        sites = SiteAnswers.model_validate_json(draft.read(layout.SITES))
        agreed = agreed_forms(read_judged(files[layout.JUDGED]), sites, with_rejected=True)
        return load_forms(files[layout.CORPUS], known), for_calibration(agreed)


def _write(context: TrainingContext, state: RunState, thresholds: Thresholds, details: CalibrationDetails) -> None:
    draft = context.draft(state)
    draft.write(layout.THRESHOLDS, thresholds.model_dump_json(indent=2) + "\n")
    draft.write(layout.CALIBRATION, details.model_dump_json(indent=1) + "\n")


def summary(state: RunState) -> str:
    """One line for the console and the report."""
    facts = state.calibration or CalibrationFacts()
    fitted = f"fitted to {facts.fields} authored fields and {facts.votes} with votes"
    if facts.is_void:
        fitted += "; the live version is wrong more often than its budget allows"
    if facts.budget is None or facts.is_kept is None:
        return fitted
    promise = (
        f"at most {percent(facts.bound)} of the fills are wrong" if facts.is_kept else f"can't be promised, only {percent(facts.bound)}"
    )
    cost = f"{percent(facts.coverage)} of the fields filled instead of {percent(facts.coverage_without_budget)}"
    return f"{fitted}; budget {percent(facts.budget)}: {promise}, {cost}"
