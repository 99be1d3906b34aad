"""index: the FAISS index and the lexicon of the version, and its cut-off of fuzzy matches."""

from pathlib import Path

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_training.canonical_loader import load_canonical
from fieldwise_training.encoder.parallel import ParallelEncoder
from fieldwise_training.feedback.correct import corrected, texts_of_paired_ids
from fieldwise_training.feedback.learned import Learned
from fieldwise_training.feedback.pairs import load_pairs
from fieldwise_training.feedback.texts import as_entries
from fieldwise_training.index.index_builder import NO_VECTORS, KnownVectors, build_index, vectors_of
from fieldwise_training.index.lexicon_builder import build_lexicon, dump_lexicon
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import RunState
from fieldwise_training.steps.calibrate import begin_thresholds
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.parent import parent_manifest


def index(context: TrainingContext, state: RunState) -> RunState:
    """Embeds with the version's own encoder, so that a text has the same vector here and in production."""
    draft = context.draft(state)
    pairs = load_pairs(draft.read(layout.FEEDBACK))
    learned = Learned.model_validate_json(draft.read(layout.LEARNED))
    kind = state.parameters.index_kind
    with temporary_folder() as folder:
        shipped = load_canonical(draft.download([layout.CANONICAL], folder)[layout.CANONICAL])
        entries = corrected([*shipped, *as_entries(learned.texts)], pairs)
        files = draft.download(layout.ENCODER, folder)
        encoder = ParallelEncoder(OnnxEncoder(*(files[name] for name in layout.ENCODER)), context.on_progress)
        made = folder / "made"
        made.mkdir()
        indexed = [*entries, *texts_of_paired_ids(shipped, pairs)] if kind == "blob" else entries
        size = build_index(indexed, encoder, kind, made, _known_vectors(context, state, folder))
        draft.upload(made)
    lexicon = build_lexicon(entries)
    draft.write(layout.LEXICON, dump_lexicon(lexicon))
    begin_thresholds(context, state, lexicon)
    return state.model_copy(update={"index_size": size})


def _known_vectors(context: TrainingContext, state: RunState, folder: Path) -> KnownVectors:
    """The vectors in the parent's index, if this version has the same encoder."""
    parent = parent_manifest(context, state) if state.encoder_reused else None
    if parent is None:
        return NO_VECTORS
    try:
        files = context.store.fetch(parent.version, {name: parent.files[name] for name in layout.INDEX}, folder / "parent")
        return vectors_of(*(files[name] for name in layout.INDEX))
    except CorruptVersion as error:
        logger.warning("the parent's vectors can't be reused", extra={"parent": parent.version, "detail": str(error)})
        return NO_VECTORS


def summary(state: RunState) -> str:
    """One line for the console."""
    return f"{state.index_size} vectors, {state.parameters.index_kind}"
