"""load: canonical entries, evaluation forms and feedback, as this version uses them, into its `data/`."""

from fieldwise_common.errors import DataError
from fieldwise_training.canonical_loader import Entry, dump_canonical, ids_of, load_canonical
from fieldwise_training.corpus import Form, dump_forms, load_forms
from fieldwise_training.feedback_processor import Feedback, dump_pairs, process_feedback
from fieldwise_training.state import Mode, RunState
from fieldwise_training.steps.context import CANONICAL_FILE, CORPUS_FILE, EVALUATION_FILE, FEEDBACK_FILE, TrainingContext

SMOKE_IDS = 12
SMOKE_SYNONYMS = 3
SMOKE_FORMS = 5
SMOKE_TAUGHT = 40


def load(context: TrainingContext, state: RunState) -> RunState:
    """Reads the data; a smoke test takes a small slice of it. Raises DataError, StoreError."""
    entries = load_canonical(context.data / "canonical")
    known = ids_of(entries)
    corpus = load_forms(context.data / "corpus", known)
    forms, taught = (tuple(form for form in corpus if form.is_held_out is held_out) for held_out in (True, False))
    if not forms:
        raise DataError("corpus: no form is held out for evaluation")
    feedback = process_feedback(state.parameters.feedback_log, known) if state.mode.uses_feedback else Feedback()
    if state.mode is Mode.SMOKE_TEST:
        entries, forms, taught = smoke_slice(entries), forms[:SMOKE_FORMS], taught[:SMOKE_TAUGHT]
    _store(context, state, entries, forms, taught, feedback)
    return state.model_copy(
        update={
            "entries": len(entries),
            "evaluation_fields": sum(len(form.fields) for form in forms),
            "feedback_confirmed": len(feedback.confirmed),
            "feedback_rejected": len(feedback.rejected),
            "feedback_quarantined": feedback.quarantined_rows,
        }
    )


def smoke_slice(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The first few synonyms of the first few ids."""
    by_id: dict[str, list[Entry]] = {}
    for entry in entries:
        by_id.setdefault(entry.canonical, []).append(entry)
    return tuple(entry for own in list(by_id.values())[:SMOKE_IDS] for entry in own[:SMOKE_SYNONYMS])


def _store(
    context: TrainingContext,
    state: RunState,
    entries: tuple[Entry, ...],
    forms: tuple[Form, ...],
    taught: tuple[Form, ...],
    feedback: Feedback,
) -> None:
    draft = context.draft(state)
    draft.write(CANONICAL_FILE, dump_canonical(entries))
    draft.write(EVALUATION_FILE, dump_forms(forms))
    draft.write(CORPUS_FILE, dump_forms(taught))
    draft.write(FEEDBACK_FILE, dump_pairs(feedback))
