"""Which types of field are ever filled, and which canonical ids each type admits."""

from fieldwise_common.canonical import Answer, about, is_negative
from fieldwise_common.wire_fields import NEVER_FILLED_TYPES
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling


def by_type(view: FieldView) -> Ruling | None:
    """Ignores types that are never filled; rejects search boxes, which never hold the user's data."""
    if view.kind in NEVER_FILLED_TYPES:
        return Ruling("ignored", "type", signals=(f"type:{view.kind}",))
    if view.kind == "search":
        return Ruling("nothing", "type", canonical="none:search", score=1.0, signals=("type:search",))
    return None


def admits(view: FieldView, canonical: str) -> bool:
    """Whether a field of this type can have the id `canonical`. Negative ids are always admitted."""
    return type_admits(view.kind, canonical)


def type_admits(kind: str, canonical: str) -> bool:
    """As `admits`, for a field's `kind`."""
    if is_negative(canonical):
        return True
    row = about(canonical)
    if kind == "checkbox":  # nearly all other checkboxes on the web are consents, offers or filters
        return row.answer is Answer.YES_NO
    if kind == "password":
        return row.masked
    return not (row.answer is Answer.PASSWORD and kind in {"email", "tel", "select", "date", "month", "radio"})
