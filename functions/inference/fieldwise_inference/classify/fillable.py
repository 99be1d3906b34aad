"""Which types of field are ever filled, and which canonical ids each type admits."""

from fieldwise_common.canonical import Answer, about, is_negative
from fieldwise_common.wire_fields import NEVER_FILLED_TYPES
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

BOX_ANSWERS = frozenset({Answer.CHOICE, Answer.YES_NO, Answer.LANGUAGE})
"""What a question of several boxes may ask for: one of a few answers, or several."""


def is_unseen(view: FieldView) -> bool:
    """Whether a user does not see the field: a value of the page's own, a part of a custom control, or a trap for programs."""
    return not view.field.visible or view.kind == "hidden"


def by_type(view: FieldView) -> Ruling | None:
    """Ignores what is never filled, unseen fields and types; rejects search boxes, which never hold the user's data."""
    if not view.field.visible:
        return Ruling("ignored", "type", signals=("not-visible",))
    if view.kind in NEVER_FILLED_TYPES:
        return Ruling("ignored", "type", signals=(f"type:{view.kind}",))
    if view.kind == "search":
        return Ruling("nothing", "type", canonical="none:search", score=1.0, signals=("type:search",))
    return None


def admits(view: FieldView, canonical: str) -> bool:
    """Whether a field of this type can have the id `canonical`. Negative ids are always admitted."""
    return type_admits(view.kind, canonical, is_several_boxes(view))


def is_several_boxes(view: FieldView) -> bool:
    """Whether the view is of a question of several boxes, which has their labels as its options."""
    return view.kind == "checkbox" and len(view.field.options) > 1


def type_admits(kind: str, canonical: str, several_boxes: bool = False) -> bool:
    """As `admits`, for a field's `kind`; `several_boxes`: see `is_several_boxes`."""
    if is_negative(canonical):
        return True
    row = about(canonical)
    if kind == "checkbox" and several_boxes:
        return row.answer in BOX_ANSWERS or (row.answer is Answer.PROSE and row.repeats)  # a list in one text: skills
    if kind == "checkbox":  # nearly all other checkboxes on the web are consents, offers or filters
        return row.answer is Answer.YES_NO
    if kind == "password":
        return row.masked
    return not (row.answer is Answer.PASSWORD and kind in {"email", "tel", "select", "date", "month", "radio"})
