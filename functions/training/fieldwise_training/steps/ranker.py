"""ranker: fitted on the authored forms, or copied from the parent where nothing that makes it has changed."""

import hashlib
from typing import Any

from fieldwise_common.store.manifest import FileEntry, Manifest
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.thresholds import RankerThresholds, Thresholds
from fieldwise_inference.serving.version import RANKER_FILES, SERVED_FILES, load_version
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.ranker.plan import RECIPE, Plan
from fieldwise_training.release.versioning import workbench
from fieldwise_training.state import Mode, RunParameters, RunState
from fieldwise_training.steps.context import CANONICAL_FILE, CORPUS_FILE, THRESHOLDS_FILE, TrainingContext
from fieldwise_training.steps.encoder import encoder_identity
from fieldwise_training.steps.parent import parent_manifest

RANKER_PARAMETERS = {"ranker_members", "ranker_epochs", "wrong_cost", "lex_threshold"}
"""What of a run's parameters has a part in making a ranker; `lex_threshold` is the cut-off of the fuzzy matches it is trained on."""
SMOKE_PLAN = Plan(members=1, epochs=1)


def ranker(context: TrainingContext, state: RunState) -> RunState:
    """Writes the ranker's files and its thresholds; nothing where no network is asked for. Raises DataError, StoreError."""
    if not state.parameters.ranker_members:
        return state
    parent = _reusable_parent(context, state)
    return _taken_over(context, state, parent) if parent is not None else _fitted(context, state)


def ranker_identity(parameters: RunParameters) -> dict[str, Any]:
    """What a ranker is made by, besides its data; two versions for which all of it is the same share one."""
    own = {"recipe": RECIPE, "features": FEATURES, **parameters.model_dump(include=RANKER_PARAMETERS)}
    return {**own, "encoder": encoder_identity(parameters)}


def ranker_entries(manifest: Manifest) -> dict[str, FileEntry]:
    """The files of a version that are its ranker."""
    return {name: entry for name, entry in manifest.files.items() if name in RANKER_FILES}


def _reusable_parent(context: TrainingContext, state: RunState) -> Manifest | None:
    parent = parent_manifest(context, state) if state.encoder_reused else None
    if parent is None or set(ranker_entries(parent)) != set(RANKER_FILES):
        return None
    draft = context.draft(state)
    data = {"canonical": CANONICAL_FILE, "corpus": CORPUS_FILE}
    is_same_data = all(parent.data.get(name) == hashlib.sha256(draft.read(file).encode()).hexdigest() for name, file in data.items())
    return parent if is_same_data and parent.parameters.get("ranker") == ranker_identity(state.parameters) else None


def _taken_over(context: TrainingContext, state: RunState, parent: Manifest) -> RunState:
    context.draft(state).copy_from(parent.version, RANKER_FILES)
    before = Thresholds.model_validate_json(context.store.objects.get(f"{parent.version}/{THRESHOLDS_FILE}").body)
    _complete(context, state, before.ranker)
    known = parent.metrics.get("ranker") or {}
    update = {"ranker_reused": True, "ranker_fields": known.get("fields"), "calibration_error": known.get("calibration_error")}
    return state.model_copy(update=update)


def _fitted(context: TrainingContext, state: RunState) -> RunState:
    from fieldwise_training.ranker.build import build_ranker  # torch takes seconds to import, and this step alone needs it here

    draft = context.draft(state)
    known = ids_of(load_canonical(context.data / "canonical"))
    parameters = state.parameters
    plan = SMOKE_PLAN if state.mode is Mode.SMOKE_TEST else Plan(parameters.ranker_members, parameters.ranker_epochs, parameters.wrong_cost)
    with workbench() as folder:
        files = draft.download([*(name for name in SERVED_FILES if name not in RANKER_FILES), CORPUS_FILE], folder)
        made = folder / "made"
        made.mkdir()
        built = build_ranker(
            load_forms(files[CORPUS_FILE], known),
            sorted(known),
            load_version(state.version, files),
            plan,
            made,
            context.on_progress,
        )
        draft.upload(made)
    _complete(context, state, built.thresholds)
    update = {"ranker_reused": False, "ranker_fields": built.fields, "calibration_error": built.calibration_error}
    return state.model_copy(update=update)


def _complete(context: TrainingContext, state: RunState, thresholds: RankerThresholds) -> None:
    draft = context.draft(state)
    begun = Thresholds.model_validate_json(draft.read(THRESHOLDS_FILE))
    draft.write(THRESHOLDS_FILE, begun.model_copy(update={"ranker": thresholds}).model_dump_json(indent=2) + "\n")
