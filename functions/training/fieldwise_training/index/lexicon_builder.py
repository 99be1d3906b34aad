"""The lexicon of a version: the canonical id of each normalised text."""

from collections.abc import Sequence

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.text import normalise
from fieldwise_training.canonical_loader import Entry


def build_lexicon(entries: Sequence[Entry]) -> Lexicon:
    """The lexicon of `entries`. A text with several ids is left out: it is not certain."""
    ids_by_text: dict[str, set[str]] = {}
    for entry in entries:
        ids_by_text.setdefault(normalise(entry.text), set()).add(entry.canonical)
    return Lexicon(exact={key: next(iter(ids)) for key, ids in sorted(ids_by_text.items()) if len(ids) == 1})


def dump_lexicon(lexicon: Lexicon) -> str:
    """The lexicon as JSON; equal lexicons give the same bytes."""
    return lexicon.model_dump_json(indent=1) + "\n"
