"""ranker: trained on the authored forms and on those that people gave feedback on, or copied from the parent."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import FileEntry, Manifest
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.sites import SiteAnswers
from fieldwise_inference.serving.version import load_version
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.evaluation.metrics import percent
from fieldwise_training.feedback.judged import read_judged
from fieldwise_training.feedback.votes import read_votes
from fieldwise_training.index.lexicon_builder import build_lexicon
from fieldwise_training.ranker.examples import vocabulary
from fieldwise_training.ranker.lessons import Learning, learn
from fieldwise_training.ranker.plan import RECIPE, Plan
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import LearningFacts, Mode, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.encoder import encoder_identity
from fieldwise_training.steps.parent import has_same_inputs, parent_manifest

PARAMETERS = {"ranker_members", "ranker_epochs", "lex_threshold"}
"""The run's parameters that determine a ranker; `lex_threshold` is the cut-off of the fuzzy matches in its evidence (None: fitted)."""
SMOKE_PLAN = Plan(members=1, epochs=1)
MIN_NEW_FIELDS = 500
"""Fields with feedback that the parent's ranker did not learn from, before `build-index-feedback` trains it further."""


def ranker(context: TrainingContext, state: RunState) -> RunState:
    """Writes the ranker's files; nothing if `ranker_members` is 0. Raises CorruptVersion, DataError, StoreError.

    The parent's ranker is copied if it was made from the same data and by the same recipe. Feedback since then changes that only in
    the modes that learn from it: `build-index-feedback` trains on from the parent's weights, if there is enough that is new,
    `full-train` from scratch.
    """
    if not state.parameters.ranker_members:
        return state
    parent = _comparable_parent(context, state)
    if parent is None:
        return _trained(context, state, _learning(context, state))
    before = _learned_by(parent)
    if not state.mode.uses_feedback:
        return _copied(context, state, parent, before)
    learning = _learning(context, state, before.until)
    if state.mode is Mode.FULL_TRAIN and (before.warm_start or before.sha256 != learning.facts.sha256):
        return _trained(context, state, learning)
    if state.mode is Mode.BUILD_INDEX_FEEDBACK and learning.facts.new_fields >= MIN_NEW_FIELDS:
        return _trained(context, state, learning, parent)
    waiting = {"waiting": learning.facts.new_fields, "left_out": learning.facts.left_out}
    return _copied(context, state, parent, before.model_copy(update=waiting))


def ranker_identity(state: RunState) -> dict[str, Any]:
    """What determines the ranker, besides its data and what it learned from feedback: two versions with the same values can share one."""
    own = {"recipe": RECIPE, "features": FEATURES, **state.parameters.model_dump(include=PARAMETERS)}
    return {**own, "encoder": encoder_identity(state.parameters, state.fine_tuning)}


def ranker_entries(manifest: Manifest) -> dict[str, FileEntry]:
    """The files of a version that belong to its ranker."""
    return {name: entry for name, entry in manifest.files.items() if name in layout.RANKER}


def _comparable_parent(context: TrainingContext, state: RunState) -> Manifest | None:
    """The parent, if its ranker was made from the same authored data and by the same recipe as this version's would be."""
    parent = parent_manifest(context, state) if state.encoder_reused else None
    if parent is None or set(ranker_entries(parent)) != set(layout.RANKER):
        return None
    return parent if has_same_inputs(context, state, parent) and parent.parameters.get("ranker") == ranker_identity(state) else None


def _learned_by(manifest: Manifest) -> LearningFacts:
    """What a version's ranker learned from feedback; nothing in a version of an earlier release."""
    try:
        return LearningFacts.model_validate((manifest.metrics.get("ranker") or {}).get("learning") or {})
    except ValidationError:
        return LearningFacts()


def _learning(context: TrainingContext, state: RunState, learned_until: str = "") -> Learning:
    """The lessons in the feedback that the version carries."""
    draft = context.draft(state)
    with temporary_folder() as folder:
        files = draft.download([layout.CANONICAL, layout.CORPUS, layout.VOTES, layout.JUDGED], folder)
        entries = load_canonical(files[layout.CANONICAL])
        every = ids_of(load_canonical(context.data / "canonical"))
        judged = read_judged(files[layout.JUDGED])
        if not judged:
            return Learning()
        authored = sum(len(form.fields) for form in load_forms(files[layout.CORPUS], every) if not form.is_for_calibration)
        sites = SiteAnswers.model_validate_json(draft.read(layout.SITES))
        classes = vocabulary(sorted(every)).classes
        return learn(judged, read_votes(files[layout.VOTES]), sites, build_lexicon(entries), classes, authored, learned_until)


def _copied(context: TrainingContext, state: RunState, parent: Manifest, learned: LearningFacts) -> RunState:
    context.draft(state).copy_from(parent.version, layout.RANKER)
    known = parent.metrics.get("ranker") or {}
    update = {
        "ranker_reused": True,
        "ranker_fields": known.get("fields"),
        "calibration_error": known.get("calibration_error"),
        "learning": learned if learned != LearningFacts() else None,
    }
    return state.model_copy(update=update)


def _trained(context: TrainingContext, state: RunState, learning: Learning, parent: Manifest | None = None) -> RunState:
    """`parent`: whose ranker's weights training goes on from."""
    from fieldwise_training.ranker.build import build_ranker  # torch takes seconds to import, and no other step here needs it

    draft = context.draft(state)
    known = ids_of(load_canonical(context.data / "canonical"))
    parameters = state.parameters
    plan = SMOKE_PLAN if state.mode is Mode.SMOKE_TEST else Plan(parameters.ranker_members, parameters.ranker_epochs)
    with temporary_folder() as folder:
        files = draft.download([*(name for name in layout.SERVED if name not in layout.RANKER), layout.CORPUS], folder)
        weights = _weights_of(context, parent, folder / "parent") if parent is not None else None
        made = folder / "made"
        made.mkdir()
        built = build_ranker(
            load_forms(files[layout.CORPUS], known),
            sorted(known),
            load_version(state.version, files),
            plan.warm_start() if weights is not None else plan,
            made,
            context.on_progress,
            learning.lessons,
            weights,
        )
        draft.upload(made)
    facts = learning.facts.model_copy(update={"warm_start": weights is not None})
    update = {
        "ranker_reused": False,
        "ranker_fields": built.fields,
        "calibration_error": built.calibration_error,
        "learning": facts if facts != LearningFacts() else None,
    }
    return state.model_copy(update=update)


def _weights_of(context: TrainingContext, parent: Manifest, folder: Path) -> Path | None:
    """The parent's `ranker.npz`; None if it is damaged (logged as a warning): the ranker is then trained from scratch."""
    try:
        files = {layout.RANKER_WEIGHTS: parent.files[layout.RANKER_WEIGHTS]}
        return context.store.fetch(parent.version, files, folder)[layout.RANKER_WEIGHTS]
    except CorruptVersion as error:
        logger.warning("the parent's ranker can't be trained on", extra={"parent": parent.version, "detail": str(error)})
        return None


def summary(state: RunState) -> str:
    """One line for the console and the report."""
    if state.ranker_fields is None:
        return "none"
    facts = state.learning
    warm = facts is not None and facts.warm_start
    how = ("reused from the parent, trained" if state.ranker_reused else "trained") + (" further" if warm else "")
    learned = f", {facts.fields} of them from feedback on {facts.sites} sites" if facts is not None and facts.fields else ""
    waiting = ""
    if facts is not None and facts.waiting:
        waiting = f"; {facts.waiting} fields with feedback are new, it takes {MIN_NEW_FIELDS} to train further"
    return f"{how} on {state.ranker_fields} fields{learned}, calibration error {percent(state.calibration_error)}{waiting}"
