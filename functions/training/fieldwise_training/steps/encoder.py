"""encoder: exported from the base model or the fine-tuned one, or copied from the parent if nothing that makes it has changed."""

from pathlib import Path

from pydantic import ValidationError

from fieldwise_common.store import layout
from fieldwise_common.store.manifest import FileEntry, Manifest
from fieldwise_inference.serving.encoder import EncoderKind
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.encoder.build import build_encoder
from fieldwise_training.encoder.distillation_texts import DistillationTexts, distillation_texts
from fieldwise_training.encoder.exporter import MAX_TOKENS
from fieldwise_training.encoder.model_manager import base_model_name, digest_of, local_folder
from fieldwise_training.index.lexicon_builder import build_lexicon
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import EncoderFacts, FineTuningFacts, RunParameters, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.parent import has_same_inputs, parent_manifest

STATIC_RECIPE = 1
"""Changes whenever the same data would be distilled to another static encoder: then a parent's is not copied."""
BASE_MODEL_DATA = "base_model"
"""The base model's key in a manifest's `data`."""


def encoder(context: TrainingContext, state: RunState) -> RunState:
    """Writes the encoder's files and `model/`.

    Raises SettingsError for a base model that can't be loaded or exported, ExportMismatch, StoreError.
    """
    parent = _reusable_parent(context, state)
    if parent is not None:
        context.draft(state).copy_from(parent.version, encoder_entries(parent))
        sha256, facts = parent.data[BASE_MODEL_DATA], _facts_of(parent)
    else:
        with temporary_folder() as folder:
            made = folder / "made"
            made.mkdir()
            weights = _fine_tuned_weights(context, state, folder)
            texts = _distillation_texts(context, state, folder) if state.parameters.encoder is EncoderKind.STATIC else None
            built = build_encoder(state.parameters.base_model, state.parameters.precision, made, context.on_progress, weights, texts)
            context.draft(state).upload(made)
        sha256, facts = built.base_model_sha256, built.facts
    note = " ".join(text for text in (state.note, facts and facts.fallback) if text) or None
    update = {"encoder_reused": parent is not None, "base_model_sha256": sha256, "encoder": facts, "note": note}
    return state.model_copy(update=update)


def encoder_identity(parameters: RunParameters, fine_tuning: FineTuningFacts | None) -> dict[str, str | int | bool]:
    """What determines the encoder, besides the base model's files: two versions with the same values can share one.

    `fine_tuned`: the hash of the fine-tuned weights, or False.
    """
    name, kind = base_model_name(parameters.base_model), parameters.encoder
    fine_tuned = fine_tuning is not None and fine_tuning.kept and fine_tuning.weights_sha256
    recipe = {"recipe": STATIC_RECIPE} if kind is EncoderKind.STATIC else {}
    return {
        "base_model": name,
        "kind": kind,
        "precision": parameters.precision,
        "max_tokens": MAX_TOKENS,
        "fine_tuned": fine_tuned,
        **recipe,
    }


def is_same_base_model(parent: Manifest, base_model: str) -> bool:
    """Whether the parent was made from the base model's files; a hub name counts as the same files, as it is not downloaded for this."""
    folder = local_folder(base_model)
    return folder is None or parent.data.get(BASE_MODEL_DATA) == digest_of(folder)


def encoder_entries(manifest: Manifest) -> dict[str, FileEntry]:
    """The files of a version that belong to its encoder."""
    return {name: entry for name, entry in manifest.files.items() if name in layout.ENCODER or name.startswith(layout.BASE_MODEL)}


def _reusable_parent(context: TrainingContext, state: RunState) -> Manifest | None:
    parent = parent_manifest(context, state)
    if parent is None:
        return None
    is_same_recipe = parent.parameters.get("encoder") == encoder_identity(state.parameters, state.fine_tuning)
    is_same_base = is_same_base_model(parent, state.parameters.base_model)
    is_made_of_texts = state.parameters.encoder is EncoderKind.STATIC and not _is_carried_on(state.fine_tuning)
    is_same_data = not is_made_of_texts or has_same_inputs(context, state, parent)
    is_complete = set(layout.ENCODER) <= set(parent.files) and BASE_MODEL_DATA in parent.data
    return parent if is_same_recipe and is_same_base and is_same_data and is_complete and _facts_of(parent) is not None else None


def _is_carried_on(fine_tuning: FineTuningFacts | None) -> bool:
    """Whether the encoder is the parent's fine-tuned one. Its weights are gone, so that it can't be distilled anew."""
    return fine_tuning is not None and fine_tuning.kept and not fine_tuning.pairs


def _fine_tuned_weights(context: TrainingContext, state: RunState, folder: Path) -> Path | None:
    if state.fine_tuning is None or not state.fine_tuning.kept:
        return None
    return context.draft(state).download([layout.FINE_TUNED], folder)[layout.FINE_TUNED]


def _distillation_texts(context: TrainingContext, state: RunState, folder: Path) -> DistillationTexts:
    files = context.draft(state).download([layout.CANONICAL, layout.CORPUS], folder)
    entries = load_canonical(files[layout.CANONICAL])
    every = ids_of(load_canonical(context.data / "canonical"))  # a smoke test's forms ask for ids that its synonyms lack
    return distillation_texts(entries, load_forms(files[layout.CORPUS], every), build_lexicon(entries))


def _facts_of(manifest: Manifest) -> EncoderFacts | None:
    """The encoder's facts in a manifest; None in one from an earlier release, which had others."""
    try:
        return EncoderFacts.model_validate(manifest.metrics.get("encoder"))
    except ValidationError:
        return None


def summary(state: RunState) -> str:
    """One line for the console and the report."""
    how = "reused from the parent" if state.encoder_reused else "exported"
    if state.encoder is None:
        return how
    cosines = ", ".join(f"{precision} {cosine:.4f}" for precision, cosine in state.encoder.lowest_cosine.items())
    cosine = state.encoder.distilled_cosine
    distilled = f"; mean cosine to the base model on unseen texts: {cosine:.4f}" if cosine is not None else ""
    return f"{state.encoder.kind}, {how} as {state.encoder.precision}, lowest cosine to its model: {cosines}{distilled}"
