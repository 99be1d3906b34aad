"""The questions of a form: radios or boxes that answer one question are one of them, every other field is one by itself.

A question is decided once, over its options; the decision is then that of each of its fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fieldwise_common.wire import FieldDescriptor, Option
from fieldwise_inference.classify.field_view import FieldView


@dataclass(frozen=True, slots=True)
class Question:
    """`members`: the positions of its fields in the form, at least one, in page order. `view`: the question as one field."""

    members: tuple[int, ...]
    view: FieldView


def questions(views: Sequence[FieldView]) -> list[Question]:
    """The questions of a form, by their first fields in page order; every field is in exactly one of them."""
    members: dict[tuple[str, ...], list[int]] = {}
    for position, view in enumerate(views):
        members.setdefault(_key(view.field, position), []).append(position)
    return [Question(tuple(own), _as_one([views[position] for position in own])) for own in members.values()]


def _key(field: FieldDescriptor, position: int) -> tuple[str, ...]:
    """Equal for the fields of one question: radios or boxes without options of their own that share their group or their name."""
    if field.kind not in {"radio", "checkbox"} or field.options or not (field.group or field.name):
        return (str(position),)
    return (field.kind, field.frame, field.form, field.section, field.group, field.name if field.kind == "radio" or not field.group else "")


def _as_one(views: Sequence[FieldView]) -> FieldView:
    """Several fields as one whose options are their labels, and whose label is the question."""
    first = views[0].field
    if len(views) == 1:
        return views[0]
    options = tuple(Option(value=view.field.selector, text=view.field.label or view.field.aria_label) for view in views)
    return FieldView(first.model_copy(update={"label": first.group, "aria_label": "", "id": "", "options": options}))
