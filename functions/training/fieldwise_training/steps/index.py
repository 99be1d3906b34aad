"""index: the FAISS index and the lexicon of the version, and its cut-off of fuzzy matches."""

import io
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwise_common.errors import StoreError
from fieldwise_common.store import layout
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_training.canonical_loader import Entry, load_canonical
from fieldwise_training.encoder.parallel import ParallelEncoder
from fieldwise_training.evaluation.metrics import percent
from fieldwise_training.feedback.correct import corrected, texts_of_paired_ids
from fieldwise_training.feedback.learned import Learned
from fieldwise_training.feedback.pairs import load_pairs
from fieldwise_training.feedback.texts import as_entries
from fieldwise_training.index.index_builder import KnownVectors, build_index
from fieldwise_training.index.lexicon_builder import build_lexicon, dump_lexicon
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import RunState
from fieldwise_training.steps.calibrate import begin_thresholds
from fieldwise_training.steps.context import TrainingContext


def index(context: TrainingContext, state: RunState) -> RunState:
    """Embeds with the version's own encoder, so that a text has the same vector here and in production.

    Texts that the state machine embedded in shards are not embedded again. Raises DataError, CorruptVersion, StoreError.
    """
    draft = context.draft(state)
    with temporary_folder() as folder:
        entries, indexed = entries_of(context, state, folder)
        encoder = version_encoder(context, state, folder)
        made = folder / "made"
        made.mkdir()
        facts = build_index(indexed, encoder, state.parameters.index_kind, made, sharded_vectors(context, state))
        draft.upload(made)
    lexicon = build_lexicon(entries)
    draft.write(layout.LEXICON, dump_lexicon(lexicon))
    begin_thresholds(context, state, lexicon)
    return state.model_copy(update={"index": facts, "shards": ()})


def entries_of(context: TrainingContext, state: RunState, folder: Path) -> tuple[list[Entry], list[Entry]]:
    """The entries of the lexicon, and those of the index: canonical synonyms and learned texts, corrected by feedback."""
    draft = context.draft(state)
    pairs = load_pairs(draft.read(layout.FEEDBACK))
    shipped = load_canonical(draft.download([layout.CANONICAL], folder)[layout.CANONICAL])
    learned = Learned.model_validate_json(draft.read(layout.LEARNED))
    entries = corrected([*shipped, *as_entries(learned.texts)], pairs)
    is_blob = state.parameters.index_kind == "blob"
    return entries, [*entries, *texts_of_paired_ids(shipped, pairs)] if is_blob else entries


def version_encoder(context: TrainingContext, state: RunState, folder: Path) -> ParallelEncoder:
    """The version's encoder, on all cores, with its files in `folder`."""
    files = context.draft(state).download(layout.ENCODER, folder)
    return ParallelEncoder(OnnxEncoder(*(files[name] for name in layout.ENCODER)), context.on_progress)


def sharded_vectors(context: TrainingContext, state: RunState) -> KnownVectors:
    """The vectors of the run's shards. Raises StoreError when one is missing or does not fit its texts."""
    found: dict[str, NDArray[np.float32]] = {}
    for name in state.shards:
        texts = json.loads(context.store.objects.get(layout.shard_texts(state.run_id, name)).body)
        key = layout.shard_vectors(state.run_id, name)
        vectors = np.load(io.BytesIO(context.store.objects.get(key).body), allow_pickle=False)
        if len(vectors) != len(texts):
            raise StoreError(f"{key} has {len(vectors)} vectors for {len(texts)} texts")
        found |= zip(texts, vectors, strict=True)
    return found


def summary(state: RunState) -> str:
    """One line for the console."""
    if state.index is None:
        return "none"
    how = f", recall@1 {percent(state.index.recall)}" if state.index.type != "flat" else ""
    return f"{state.index.size} vectors, {state.parameters.index_kind}, {state.index.type}{how}"
