"""Decisions about the fields of a form that need no model and override it."""

from collections.abc import Sequence

from fieldwise_inference.classify.autocomplete import by_autocomplete
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import by_type
from fieldwise_inference.classify.known import NOTHING_KNOWN, Known
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ruling import NO_TEXT, Ruling
from fieldwise_inference.classify.text import normalise

TRAP = "none:trap"
MIN_WORDS, MAX_WORDS = 3, 9
"""The words of a text for traps that is looked for at the start and the end of longer ones. "Leave blank" is too short to be one there."""


def certain(views: Sequence[FieldView], lexicon: Lexicon, known: Sequence[Known] = ()) -> list[Ruling | None]:
    """Decides by type, by what people said, as a trap, by an `autocomplete` that nothing contradicts, or by the lack of any text.

    None for each field left to the ranker.

    `views`: of the questions of a form (`questions`), in page order. `known`: what people said about each; empty: nothing about any.
    """
    by_page = by_autocomplete(views, lexicon)
    known = known or [NOTHING_KNOWN] * len(views)
    return [_certain(view, own, page, lexicon) for view, own, page in zip(views, known, by_page, strict=True)]


def _certain(view: FieldView, known: Known, by_page: Ruling | None, lexicon: Lexicon) -> Ruling | None:
    if by_page is not None and by_page.canonical in known.rejected:
        by_page = None
    return by_type(view) or known.ruling or by_trap(view, lexicon) or by_page or (None if view.text else NO_TEXT)


def by_trap(view: FieldView, lexicon: Lexicon) -> Ruling | None:
    """Nothing is filled into a field whose texts ask to leave it empty, or whose names call it a trap, whatever else they say.

    Such fields are there to catch programs: a form with a filled one is refused.
    """
    field = view.field
    texts = (view.label, view.placeholder, *map(normalise, (field.nearby, field.described_by, field.title)))
    names = (*view.name_keys, *view.id_keys, *view.name_words, *view.id_words)
    if any(text and _asks_to_leave_empty(text, lexicon) for text in texts):
        source = "text"
    elif TRAP in map(lexicon.lookup, names):
        source = "name"
    else:
        return None
    return Ruling("nothing", "lexical-exact", TRAP, 1.0, 1.0, (f"lexical:{source}={TRAP}",))


def _asks_to_leave_empty(text: str, lexicon: Lexicon) -> bool:
    """Whether a text is one of the lexicon's for traps, or begins or ends with one: "Phone: leave this empty".

    In the middle of a longer text it may be a hint for some users only.
    """
    if lexicon.lookup(text) == TRAP:
        return True
    words = text.split()
    sizes = range(MIN_WORDS, min(len(words), MAX_WORDS))
    return any(lexicon.lookup(" ".join(part)) == TRAP for size in sizes for part in (words[:size], words[-size:]))
