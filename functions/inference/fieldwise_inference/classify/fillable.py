"""Which fields can be filled at all, judged by their type alone, and which meanings a type admits."""

from fieldwise_common.canonical import Answer, about, is_negative
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

NEVER_FILLED_TYPES = frozenset({"hidden", "submit", "button", "image", "reset", "file", "color", "range"})


def by_type(view: FieldView) -> Ruling | None:
    """Takes out what is never filled, and search boxes, which never hold the user's data."""
    if view.kind in NEVER_FILLED_TYPES:
        return Ruling("ignored", "type", signals=(f"type:{view.kind}",))
    if view.kind == "search":
        return Ruling("nothing", "type", canonical="none:search", score=1.0, signals=("type:search",))
    return None


def admits(view: FieldView, canonical: str) -> bool:
    """Whether a field of this type can mean `canonical`. A negative id is always possible."""
    return type_admits(view.kind, canonical)


def type_admits(kind: str, canonical: str) -> bool:
    """The same, by the kind of the field alone."""
    if is_negative(canonical):
        return True
    row = about(canonical)
    if kind == "checkbox":  # nearly every other tick box on the web is a consent, an offer or a filter
        return row.answer is Answer.YES_NO
    if kind == "password":
        return row.masked
    return not (row.answer is Answer.PASSWORD and kind in {"email", "tel", "select", "date", "month", "radio"})
