"""index: the FAISS index, the lexicon and the thresholds of the version."""

from pathlib import Path

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.observability import logger
from fieldwise_inference.classify.thresholds import Thresholds
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.version import ENCODER_FILES
from fieldwise_training.canonical_loader import load_canonical
from fieldwise_training.encoder.parallel import ParallelEncoder
from fieldwise_training.feedback_processor import load_pairs
from fieldwise_training.index.index_builder import NONE_KNOWN, Known, build_with_feedback, vectors_of
from fieldwise_training.index.lexicon_builder import build_lexicon, dump_lexicon
from fieldwise_training.release.versioning import workbench
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import CANONICAL_FILE, FEEDBACK_FILE, THRESHOLDS_FILE, TrainingContext
from fieldwise_training.steps.parent import parent_manifest

INDEX_FILES = ("index.faiss", "meta.json")


def index(context: TrainingContext, state: RunState) -> RunState:
    """Embeds with the version's own encoder, so that a text has the same vector here and in production."""
    draft = context.draft(state)
    feedback = load_pairs(draft.read(FEEDBACK_FILE))
    with workbench() as folder:
        entries = load_canonical(draft.download([CANONICAL_FILE], folder)[CANONICAL_FILE])
        files = draft.download(ENCODER_FILES, folder)
        own_encoder = ParallelEncoder(OnnxEncoder(*(files[name] for name in ENCODER_FILES)), context.on_progress)
        made = folder / "made"
        made.mkdir()
        known = _known_vectors(context, state, folder)
        size = build_with_feedback(entries, feedback, own_encoder, state.parameters.index_kind, made, known)
        draft.upload(made)
    draft.write("lexicon.json", dump_lexicon(build_lexicon(entries, feedback)))
    draft.write(THRESHOLDS_FILE, Thresholds(lexical=state.parameters.lex_threshold).model_dump_json(indent=2) + "\n")
    return state.model_copy(update={"index_size": size})


def _known_vectors(context: TrainingContext, state: RunState, folder: Path) -> Known:
    """What the parent has embedded already, where its encoder is this version's too."""
    parent = parent_manifest(context, state) if state.encoder_reused else None
    if parent is None:
        return NONE_KNOWN
    try:
        files = context.store.fetch(parent.version, {name: parent.files[name] for name in INDEX_FILES}, folder / "parent")
        return vectors_of(*(files[name] for name in INDEX_FILES))
    except CorruptVersion as error:
        logger.warning("the parent's vectors can't be used", extra={"parent": parent.version, "detail": str(error)})
        return NONE_KNOWN
