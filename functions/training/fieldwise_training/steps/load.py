"""load: canonical synonyms, forms and feedback are read and stored in the version's `data/`."""

from fieldwise_common.errors import DataError
from fieldwise_common.store import layout
from fieldwise_training.canonical_loader import Entry, dump_canonical, ids_of, load_canonical
from fieldwise_training.corpus import dump_forms, load_forms
from fieldwise_training.feedback.pairs import Feedback, dump_pairs
from fieldwise_training.feedback.read import read_feedback
from fieldwise_training.state import Mode, RunState
from fieldwise_training.steps.context import TrainingContext

SMOKE_IDS = 12
SMOKE_SYNONYMS = 3
SMOKE_HELD_OUT_FORMS = 5
SMOKE_TRAINING_FORMS = 40


def load(context: TrainingContext, state: RunState) -> RunState:
    """Reads the data; a smoke test takes a small slice of it. Raises DataError, StoreError."""
    entries = load_canonical(context.data / "canonical")
    known = ids_of(entries)
    corpus = load_forms(context.data / "corpus", known)
    held_out, training = (tuple(form for form in corpus if form.is_held_out is chosen) for chosen in (True, False))
    if not held_out:
        raise DataError("corpus: no form is held out for evaluation")
    feedback = read_feedback(state.parameters.feedback_log, known) if state.mode.uses_feedback else Feedback()
    if state.mode is Mode.SMOKE_TEST:
        entries, held_out, training = smoke_slice(entries), held_out[:SMOKE_HELD_OUT_FORMS], training[:SMOKE_TRAINING_FORMS]
    draft = context.draft(state)
    draft.write(layout.CANONICAL, dump_canonical(entries))
    draft.write(layout.EVALUATION, dump_forms(held_out))
    draft.write(layout.CORPUS, dump_forms(training))
    draft.write(layout.FEEDBACK, dump_pairs(feedback))
    return state.model_copy(
        update={
            "entries": len(entries),
            "evaluation_fields": sum(len(form.fields) for form in held_out),
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


def summary(state: RunState) -> str:
    """One line for the console."""
    data = f"{state.entries} synonyms, {state.evaluation_fields} evaluation fields"
    return f"{data}; feedback: {feedback_summary(state)}" if state.mode.uses_feedback else data


def feedback_summary(state: RunState) -> str:
    """How many pairs the feedback came to, and how many rows could not be used."""
    return f"{state.feedback_confirmed} confirmed, {state.feedback_rejected} rejected, {state.feedback_quarantined} rows quarantined"
