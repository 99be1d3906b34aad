"""The questions of a form: radios or boxes that answer one question are one of them, every other field is one by itself.

A question is decided once, over its options; the decision is then that of each of its fields. Fields that a user does not see
(`fillable.is_unseen`) are in no question: their texts would only mislead about the fields around them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from fieldwise_common.wire import Option
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import is_unseen
from fieldwise_inference.classify.text import name_keys, normalise

CHOICES = frozenset({"radio", "checkbox"})
"""The kinds of field of which several can be one question."""
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
    seen = [(position, view) for position, view in enumerate(views) if not is_unseen(view)]
    alone = [[position] for position, view in seen if view.kind not in CHOICES]
    choices = [(position, view) for position, view in seen if view.kind in CHOICES]
    named = Counter(view.field.name for _, view in choices if view.kind == "radio")
    for position, view in choices:
        is_only_one = view.kind == "radio" and named[view.field.name] == 1  # then its name joins it to no other
        key = _key(view, "" if is_only_one else view.field.name, position, group_of)
        members.setdefault(key, []).append(position)
    every = sorted([*alone, *_exclusive(members)])
    return [Question(tuple(own), _as_one([views[position] for position in own])) for own in every]


def _exclusive(members: Mapping[tuple[str, ...], list[int]]) -> Iterator[list[int]]:
    """The members of each question, with the radios of one name together that only their sections or groups keep apart.

    Several questions may have one name, in forms that the client does not tell apart. But one radio is no question: where one is left
    alone, its section or group describes its answer.
    """
    parts: dict[tuple[str, ...], list[list[int]]] = {}
    for key, own in members.items():
        is_named = key[0] == "radio" and bool(key[-1])
        parts.setdefault((*key[:3], key[-1]) if is_named else key, []).append(own)
    for several in parts.values():
        if min(map(len, several)) > 1:
            yield from several
        else:
            yield sorted(chain.from_iterable(several))


def _key(view: FieldView, name: str, position: int, group_of: dict[tuple[str, ...], str]) -> tuple[str, ...]:
    """Of a radio or box: equal for those of one question. `group_of`: the group of the last field with each name, which is updated.

    Radios of one name exclude each other, as HTML defines. Boxes of one name need not belong together, as pages also name all their
    consents `checkbox`; and boxes of one group may be questions of their own ("I am authorised to work", "I need a visa"), whose names
    have nothing in common.
    """
    field = view.field
    is_radio = view.kind == "radio"
    if field.options and not (name and _is_one_of_its_options(view)):
        return (str(position),)
    stem = name if is_radio else _INDEX.sub("", name)
    joins_by_name = bool(stem) and (is_radio or stem != name or bool(_first_word(stem)))
    place = (view.kind, field.frame, field.form, normalise(field.section))
    group = normalise(field.group)
    if joins_by_name:  # some clients describe the group of the first radio only
        group = group_of[(*place, stem)] = group or group_of.get((*place, stem), "")
    if not group:
        return (*place, "", stem) if joins_by_name else (str(position),)
    return (*place, group, stem if is_radio else _first_word(stem))


def _is_one_of_its_options(view: FieldView) -> bool:
    """Whether a radio or box is sent with the options of its question, of which it is one, rather than as the whole question."""
    own = normalise(view.given_label)
    return bool(own) and any(normalise(option.text) == own for option in view.field.options)


def _first_word(name: str) -> str:
    """The first word of a name that tells one question from another: `race` of `applicant_race_white`; "" if there is none."""
    words = (name_keys(name) or ("",))[-1].split()
    return next((word for word in words if word not in _SAYS_NOTHING and not word.isdigit()), "")


def _as_one(views: Sequence[FieldView]) -> FieldView:
    """Several fields as one whose options are their labels, and whose label is the question."""
    first = views[0].field
    if len(views) == 1:
        return views[0]
    options = tuple(Option.model_construct(value=view.field.selector, text=view.given_label) for view in views)
    required = any(view.field.required for view in views)
    answers = {normalise(option.text) for option in options}
    group = next((view.field.group for view in views if normalise(view.field.group) not in {"", *answers}), first.group)
    asked = {"label": group, "group": group, "aria_label": "", "id": "", "options": options, "required": required}
    return FieldView(first.model_copy(update=asked))
