"""Decisions about a single field that need no model and override it."""

from fieldwise_common.canonical import is_negative
from fieldwise_common.wire import Outcome
from fieldwise_inference.classify.autocomplete import by_autocomplete
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import admits, by_type
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ruling import NO_TEXT, Ruling
from fieldwise_inference.classify.text import normalise


def certain(view: FieldView, lexicon: Lexicon) -> Ruling | None:
    """Decides by type, `autocomplete`, confirmed text, or the lack of any text; None if the field is left to the ranker."""
    return by_type(view) or by_autocomplete(view) or by_confirmed_text(view, lexicon) or (None if view.text else NO_TEXT)


def by_confirmed_text(view: FieldView, lexicon: Lexicon) -> Ruling | None:
    """The canonical id that feedback has confirmed for exactly this text: a correction takes effect with the next version."""
    key = normalise(view.text)
    canonical = lexicon.confirmed.get(key)
    if canonical is None or lexicon.rejects(key, canonical) or not admits(view, canonical):
        return None
    outcome: Outcome = "nothing" if is_negative(canonical) else "accepted"
    return Ruling(outcome, "lexical-exact", canonical, 1.0, 1.0, (f"feedback:{view.text_source}={canonical}",))
