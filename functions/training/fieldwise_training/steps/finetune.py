"""finetune: the base model is fine-tuned on synonyms and feedback; kept only if it reads authored fields better."""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fieldwise_common.store import layout
from fieldwise_common.store.manifest import sha256_of
from fieldwise_training.canonical_loader import Entry, ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.encoder.model_manager import blend, load_base_model, save_weights
from fieldwise_training.encoder.pairs import FieldText, Said, TuningData, embedded_fields, said_about_texts, tuning_data
from fieldwise_training.evaluation.details import FineTuningDetails
from fieldwise_training.feedback.correct import corrected
from fieldwise_training.feedback.pairs import load_pairs
from fieldwise_training.feedback.votes import read_votes
from fieldwise_training.index.lexicon_builder import build_lexicon
from fieldwise_training.progress.report import OnProgress
from fieldwise_training.release.draft import Draft, temporary_folder
from fieldwise_training.state import FineTuningFacts, Mode, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.encoder import encoder_identity, is_same_base_model
from fieldwise_training.steps.parent import parent_manifest

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from fieldwise_training.encoder.gain import Gain, Right

TUNING_RECIPE = "nearest-2"
"""Changes whenever the same data would give other weights, so that no checkpoint of another recipe is gone on from."""
MIN_PAIRS = 1_000
"""With fewer texts to pair, nothing is fine-tuned: a model of millions of weights would learn them by heart."""
BLENDS = (1.0, 0.5)
"""Shares of the fine-tuned weights that are tried, the rest being the base model's; the first that may be kept is kept."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What to fine-tune with, and the fields to measure it on."""

    entries: list[Entry]
    data: TuningData
    said: Said
    fields: tuple[FieldText, ...]

    @property
    def measured_texts(self) -> list[str]:
        """The texts whose vectors a model is measured by."""
        return [*(entry.text for entry in self.entries), *(field.text for field in self.fields)]

    @property
    def texts(self) -> list[str]:
        """All texts."""
        learnt = [text for own in self.data.texts.values() for text in own]
        return [*self.measured_texts, *learnt, *(text for text, _ in self.data.rejected)]


def finetune(context: TrainingContext, state: RunState) -> RunState:
    """Writes the fine-tuned weights and `fine_tuning.json`; in other modes than full-train, copies what the parent has.

    It always begins with the base model, never with the parent's weights: the same data gives the same encoder, whatever came before.

    Raises SettingsError for a base model that can't be loaded, StoreError.
    """
    if state.mode is not Mode.FULL_TRAIN:
        return _carried_on(context, state)
    if not state.parameters.fine_tune_epochs:
        return _skipped(state, "no epochs of fine-tuning were asked for (fine_tune_epochs is 0)")
    inputs = _inputs(context.draft(state))
    if inputs.data.pairs < MIN_PAIRS:
        return _skipped(state, f"there are {inputs.data.pairs} pairs of texts, and at least {MIN_PAIRS} are needed to fine-tune")
    if not inputs.fields:
        return _skipped(state, "there is no calibration field to measure a fine-tuned model on")
    with temporary_folder() as folder:
        return _fine_tuned(context, state, inputs, folder)


def _skipped(state: RunState, reason: str, note: str = "") -> RunState:
    facts = FineTuningFacts(kept=False, reason=reason)
    return state.model_copy(update={"fine_tuning": facts, "note": _joined(state.note, note)})


def _joined(*notes: str | None) -> str | None:
    return " ".join(filter(None, notes)) or None


def _carried_on(context: TrainingContext, state: RunState) -> RunState:
    """The parent's fine-tuned encoder stays, as long as the base model and the export's parameters do: `encoder` will copy it."""
    parent = parent_manifest(context, state)
    weights = (parent.parameters.get("encoder") or {}).get("fine_tuned") if parent is not None else None
    if parent is None or not weights:
        return _skipped(state, "only full-train fine-tunes")
    facts = FineTuningFacts(kept=True, reason=f"the fine-tuned encoder of {parent.version} is carried on", weights_sha256=str(weights))
    before, now = parent.parameters["encoder"], encoder_identity(state.parameters, facts)
    is_same_base = before.get("base_model") == now["base_model"] and is_same_base_model(parent, state.parameters.base_model)
    if before != now or not is_same_base:
        what = "its kind, precision or token limit" if is_same_base else "the base model"
        reason = f"the fine-tuned encoder of {parent.version} is not used, because {what} changed: run full-train to fine-tune again"
        return _skipped(state, reason, note=reason)
    if layout.FINE_TUNING in parent.files:
        context.draft(state).copy_from(parent.version, [layout.FINE_TUNING])
    return state.model_copy(update={"fine_tuning": facts})


def _inputs(draft: Draft) -> Inputs:
    with temporary_folder() as folder:
        files = draft.download([layout.CANONICAL, layout.CORPUS, layout.VOTES], folder)
        shipped = load_canonical(files[layout.CANONICAL])
        known = ids_of(shipped)
        forms = load_forms(files[layout.CORPUS], known)
        votes = read_votes(files[layout.VOTES])
    pairs = load_pairs(draft.read(layout.FEEDBACK))
    entries = corrected(shipped, pairs)
    lexicon = build_lexicon(entries)
    calibration = tuple(embedded_fields((form for form in forms if form.is_for_calibration), lexicon))
    said = said_about_texts(votes, known)
    return Inputs(entries, tuning_data(entries, said, pairs), said, calibration)


def _fine_tuned(context: TrainingContext, state: RunState, inputs: Inputs, folder: Path) -> RunState:
    # torch and the trainer take seconds to import, and no other mode needs them here
    from fieldwise_training.encoder.checkpoints import Checkpoints
    from fieldwise_training.encoder.fine_tuning import fine_tune, reproducible
    from fieldwise_training.encoder.gain import embedded, nearest_is_right
    from fieldwise_training.encoder.rows import mine

    draft, parameters = context.draft(state), state.parameters
    base, model = (load_base_model(parameters.base_model) for _ in range(2))
    checkpoints = Checkpoints(draft, _digest(state, inputs, base, folder), folder)
    losses, remark = checkpoints.begin(model)
    resumed = len(losses) or None

    def after_epoch(loss: float) -> None:
        nonlocal losses
        losses = (*losses, round(loss, 6))
        checkpoints.save(model, losses)

    with reproducible():
        vectors = embedded(base, inputs.texts, context.on_progress)
        rows = mine(inputs.data, vectors)
        if not len(rows):
            return _skipped(state, "no text is near a synonym of another id: the base model has nothing to learn")
        fine_tune(model, rows, parameters.fine_tune_epochs, len(losses), context.on_progress, after_epoch)
        gain = _measured(model, base, inputs, nearest_is_right(vectors, inputs.entries, inputs.fields), context.on_progress)
    weights = ""
    if gain.kept:
        path = folder / "fine_tuned.safetensors"
        save_weights(model, path)
        draft.upload_file(layout.FINE_TUNED, path)
        weights = sha256_of(path)
    details = FineTuningDetails(losses=losses, by_language=gain.by_language)
    draft.write(layout.FINE_TUNING, details.model_dump_json(indent=1) + "\n")
    facts = FineTuningFacts(
        kept=gain.kept,
        reason=gain.reason,
        weights_sha256=weights,
        pairs=inputs.data.pairs,
        hard_negatives=len(inputs.data.rejected),
        contradictory=inputs.said.contradictory,
        resumed_from_epoch=resumed,
    )
    return state.model_copy(update={"fine_tuning": facts, "note": _joined(state.note, f"{remark}." if remark else "")})


def _measured(
    model: "SentenceTransformer", base: "SentenceTransformer", inputs: Inputs, before: "Right", on_progress: OnProgress
) -> "Gain":
    """The gain of the first blend that may be kept, whose weights `model` then has; if there is none, that of the fine-tuned weights."""
    from fieldwise_training.encoder.gain import embedded, judge_gain, nearest_is_right

    gains: list[Gain] = []
    for share in BLENDS:
        if share < 1:
            blend(model, base, share)
        after = nearest_is_right(embedded(model, inputs.measured_texts, on_progress), inputs.entries, inputs.fields)
        gain = judge_gain(inputs.fields, before, after)
        gains.append(gain)
        if gain.kept:
            weights = f"; {share:.0%} of the fine-tuned weights, the rest of the base model's" if share < 1 else ""
            return replace(gain, reason=gain.reason + weights)
    return gains[0]


def _digest(state: RunState, inputs: Inputs, base: "SentenceTransformer", folder: Path) -> str:
    """One hash of all that determines the weights after each epoch."""
    weights = folder / "base.safetensors"
    save_weights(base, weights)
    data = [inputs.data.synonyms, inputs.data.texts, inputs.data.rejected]
    made_from = json.dumps([TUNING_RECIPE, sha256_of(weights), state.parameters.fine_tune_epochs, data], sort_keys=True)
    return hashlib.sha256(made_from.encode()).hexdigest()


def summary(state: RunState) -> str:
    """One line for the console and the report."""
    facts = state.fine_tuning
    if facts is None:
        return "none"
    if not facts.pairs:
        return facts.reason
    learned = f"{facts.pairs} pairs, {facts.hard_negatives} rejected texts"
    return f"{'kept' if facts.kept else 'not kept'}, {learned}; {facts.reason}"
