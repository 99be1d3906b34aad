"""The questions of a form: radios or boxes that answer one question are one of them, every other field is one by itself.

A question is decided once, over its options; the decision is then that of each of its fields. Fields that a user does not see
(`fillable.is_unseen`) are in no question: their texts would only mislead about the fields around them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fieldwise_common.wire import FieldDescriptor, Option
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import is_unseen
from fieldwise_inference.classify.text import name_keys, normalise

_INDEX = re.compile(r"\[\d*\]$|(?<=[-_.])\d+$")
"""What tells the boxes of one question apart in their names: `skills[]`, `skills[1]`, `skills_1`."""
_SAYS_NOTHING = frozenset(
    "check checks checkbox checkboxes checked box boxes radio option options choice choices select question q answer".split()
)
"""Words in names of boxes and radios that don't tell one question from another."""


@dataclass(frozen=True, slots=True)
class Question:
    """`members`: the positions of its fields in the form, at least one, in page order. `view`: the question as one field."""

    members: tuple[int, ...]
    view: FieldView


def questions(views: Sequence[FieldView]) -> list[Question]:
    """The questions of a form, by their first fields in page order; every field that a user sees is in exactly one of them."""
    members: dict[tuple[str, ...], list[int]] = {}
    group_of: dict[tuple[str, ...], str] = {}
    for position, view in enumerate(views):
        if not is_unseen(view):
            members.setdefault(_key(view.field, position, group_of), []).append(position)
    return [Question(tuple(own), _as_one([views[position] for position in own])) for own in members.values()]


def _key(field: FieldDescriptor, position: int, group_of: dict[tuple[str, ...], str]) -> tuple[str, ...]:
    """Equal for the fields of one question. `group_of`: the group of the last field with each name, which is updated.

    Radios of one name exclude each other, as HTML defines. Boxes of one name need not belong together, as pages also name all their
    consents `checkbox`; and boxes of one group may be questions of their own ("I am authorised to work", "I need a visa"), whose names
    have nothing in common.
    """
    is_radio = field.kind == "radio"
    if not (is_radio or field.kind == "checkbox") or field.options:
        return (str(position),)
    name = field.name if is_radio else _INDEX.sub("", field.name)
    joins_by_name = bool(name) and (is_radio or name != field.name or bool(_first_word(name)))
    place = (field.kind, field.frame, field.form, normalise(field.section))
    group = normalise(field.group)
    if joins_by_name:  # some clients describe the group of the first radio only
        group = group_of[(*place, name)] = group or group_of.get((*place, name), "")
    if not group:
        return (*place, "", name) if joins_by_name else (str(position),)
    return (*place, group, name if is_radio else _first_word(name))


def _first_word(name: str) -> str:
    """The first word of a name that tells one question from another: `race` of `applicant_race_white`; "" if there is none."""
    words = (name_keys(name) or ("",))[-1].split()
    return next((word for word in words if word not in _SAYS_NOTHING and not word.isdigit()), "")


def _as_one(views: Sequence[FieldView]) -> FieldView:
    """Several fields as one whose options are their labels, and whose label is the question."""
    first = views[0].field
    if len(views) == 1:
        return views[0]
    options = tuple(Option.model_construct(value=view.field.selector, text=view.field.label or view.field.aria_label) for view in views)
    required = any(view.field.required for view in views)
    asked = {"label": first.group, "aria_label": "", "id": "", "options": options, "required": required}
    return FieldView(first.model_copy(update=asked))
