"""ranker: trained on the authored forms, or copied from the parent if nothing that makes it has changed."""

import hashlib
from typing import Any

from fieldwise_common.store import layout
from fieldwise_common.store.manifest import FileEntry, Manifest
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.thresholds import RankerThresholds, Thresholds
from fieldwise_inference.serving.version import load_version
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.evaluation.metrics import percent
from fieldwise_training.ranker.plan import RECIPE, Plan
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import Mode, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.encoder import encoder_identity
from fieldwise_training.steps.parent import parent_manifest

PARAMETERS = {"ranker_members", "ranker_epochs", "wrong_cost", "lex_threshold"}
"""The run's parameters that determine a ranker; `lex_threshold` is the cut-off of the fuzzy matches in its evidence."""
SMOKE_PLAN = Plan(members=1, epochs=1)
INPUTS = ("canonical", "corpus")
"""What the ranker is made from, by its key in `layout.DATA`."""


def ranker(context: TrainingContext, state: RunState) -> RunState:
    """Writes the ranker's files and thresholds; nothing if `ranker_members` is 0. Raises DataError, StoreError."""
    if not state.parameters.ranker_members:
        return state
    parent = _reusable_parent(context, state)
    return _copied(context, state, parent) if parent is not None else _trained(context, state)


def ranker_identity(state: RunState) -> dict[str, Any]:
    """What determines the ranker, besides its data: two versions with the same values can share one."""
    own = {"recipe": RECIPE, "features": FEATURES, **state.parameters.model_dump(include=PARAMETERS)}
    return {**own, "encoder": encoder_identity(state.parameters, state.fine_tuning)}


def ranker_entries(manifest: Manifest) -> dict[str, FileEntry]:
    """The files of a version that belong to its ranker."""
    return {name: entry for name, entry in manifest.files.items() if name in layout.RANKER}


def _reusable_parent(context: TrainingContext, state: RunState) -> Manifest | None:
    parent = parent_manifest(context, state) if state.encoder_reused else None
    if parent is None or set(ranker_entries(parent)) != set(layout.RANKER):
        return None
    draft = context.draft(state)
    hashes = {name: hashlib.sha256(draft.read(layout.DATA[name]).encode()).hexdigest() for name in INPUTS}
    is_same_data = all(parent.data.get(name) == sha256 for name, sha256 in hashes.items())
    return parent if is_same_data and parent.parameters.get("ranker") == ranker_identity(state) else None


def _copied(context: TrainingContext, state: RunState, parent: Manifest) -> RunState:
    context.draft(state).copy_from(parent.version, layout.RANKER)
    thresholds = Thresholds.model_validate_json(context.store.objects.get(f"{parent.version}/{layout.THRESHOLDS}").body)
    _add_thresholds(context, state, thresholds.ranker)
    known = parent.metrics.get("ranker") or {}
    update = {"ranker_reused": True, "ranker_fields": known.get("fields"), "calibration_error": known.get("calibration_error")}
    return state.model_copy(update=update)


def _trained(context: TrainingContext, state: RunState) -> RunState:
    from fieldwise_training.ranker.build import build_ranker  # torch takes seconds to import, and no other step here needs it

    draft = context.draft(state)
    known = ids_of(load_canonical(context.data / "canonical"))
    parameters = state.parameters
    plan = SMOKE_PLAN if state.mode is Mode.SMOKE_TEST else Plan(parameters.ranker_members, parameters.ranker_epochs, parameters.wrong_cost)
    with temporary_folder() as folder:
        files = draft.download([*(name for name in layout.SERVED if name not in layout.RANKER), layout.CORPUS], folder)
        made = folder / "made"
        made.mkdir()
        built = build_ranker(
            load_forms(files[layout.CORPUS], known),
            sorted(known),
            load_version(state.version, files),
            plan,
            made,
            context.on_progress,
        )
        draft.upload(made)
    _add_thresholds(context, state, built.thresholds)
    update = {"ranker_reused": False, "ranker_fields": built.fields, "calibration_error": built.calibration_error}
    return state.model_copy(update=update)


def _add_thresholds(context: TrainingContext, state: RunState, thresholds: RankerThresholds) -> None:
    """Adds the ranker's thresholds to those that `index` has written."""
    draft = context.draft(state)
    begun = Thresholds.model_validate_json(draft.read(layout.THRESHOLDS))
    draft.write(layout.THRESHOLDS, begun.model_copy(update={"ranker": thresholds}).model_dump_json(indent=2) + "\n")


def summary(state: RunState) -> str:
    """One line for the console and the report."""
    if state.ranker_fields is None:
        return "none"
    how = "reused from the parent, trained" if state.ranker_reused else "trained"
    return f"{how} on {state.ranker_fields} fields, calibration error {percent(state.calibration_error)}"
