"""Decisions about a single field that need no model and override it."""

from fieldwise_inference.classify.autocomplete import by_autocomplete
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import by_type
from fieldwise_inference.classify.known import NOTHING_KNOWN, Known
from fieldwise_inference.classify.ruling import NO_TEXT, Ruling


def certain(view: FieldView, known: Known = NOTHING_KNOWN) -> Ruling | None:
    """Decides by type, by what people said, by `autocomplete`, or by the lack of any text; None if the field is left to the ranker."""
    by_page = by_autocomplete(view)
    if by_page is not None and by_page.canonical in known.rejected:
        by_page = None
    return by_type(view) or known.ruling or by_page or (None if view.text else NO_TEXT)
