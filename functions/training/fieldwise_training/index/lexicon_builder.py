"""The lexicon of a version: the canonical id of each normalised text, and the ids that feedback rejected for it."""

from collections.abc import Sequence

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.text import normalise
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.feedback.pairs import Feedback


def build_lexicon(entries: Sequence[Entry], feedback: Feedback) -> Lexicon:
    """The lexicon of `entries`, which feedback has already corrected. A text with several ids is left out: it is not certain."""
    ids_by_text: dict[str, set[str]] = {}
    for entry in entries:
        ids_by_text.setdefault(normalise(entry.text), set()).add(entry.canonical)
    rejected: dict[str, set[str]] = {}
    for pair in feedback.rejected:
        if not pair.between_ids:
            rejected.setdefault(normalise(pair.text), set()).add(pair.canonical)
    exact = {key: next(iter(ids)) for key, ids in sorted(ids_by_text.items()) if len(ids) == 1}
    confirmed = {(normalise(pair.text), pair.canonical) for pair in feedback.confirmed if not pair.between_ids}
    return Lexicon(
        exact=exact,
        confirmed={key: canonical for key, canonical in exact.items() if (key, canonical) in confirmed},
        rejected={key: frozenset(ids) for key, ids in sorted(rejected.items())},
    )


def dump_lexicon(lexicon: Lexicon) -> str:
    """The lexicon as JSON; equal lexicons give the same bytes."""
    rejected = {key: sorted(ids) for key, ids in lexicon.rejected.items()}
    return lexicon.model_copy(update={"rejected": rejected}).model_dump_json(indent=1, warnings=False) + "\n"
