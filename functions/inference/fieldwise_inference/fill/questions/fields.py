"""Which matches are one question: radios or boxes that answer it together, boxes of one character each, or one field by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fieldwise_common.wire import FieldSlice, Match

NOT_TYPED = frozenset("select radio checkbox date month week number file hidden password textarea".split())


class Shape(StrEnum):
    """How the fields of a question take its answer."""

    FIELD = "field"
    RADIOS = "radios"
    """At most one is ticked."""
    BOXES = "boxes"
    """Each that is an answer is ticked."""
    CHARACTERS = "characters"
    """Each gets one character."""


@dataclass(frozen=True, slots=True)
class Question:
    """`members`: positions in the request, at least one, in its order."""

    shape: Shape
    members: tuple[int, ...]


def questions(matches: Sequence[Match]) -> list[Question]:
    """The questions of a request; every match is in exactly one."""
    found: dict[tuple[object, ...], list[int]] = {}
    for position, match in enumerate(matches):
        found.setdefault(_key(match, position), []).append(position)
    return [question for members in found.values() for question in _shaped(matches, members)]


def _key(match: Match, position: int) -> tuple[object, ...]:
    """Equal for the fields of one question. Radios that name no question are of one if they share id, group and block."""
    field = match.field
    if is_tick(field):
        if field.question:
            return (field.kind, field.question)
        if field.kind == "radio" or field.group:
            return (field.kind, match.canonical, field.group, field.section, match.entry)
    if is_one_character(field):
        return ("character", match.canonical, field.section, match.entry)
    return (position,)


def is_tick(field: FieldSlice) -> bool:
    """Whether a field is one radio or one box, rather than a set of them with options."""
    return field.kind in {"radio", "checkbox"} and not field.options


def is_one_character(field: FieldSlice) -> bool:
    """Whether a field is typed into and has room for one character only."""
    return field.maxlength == 1 and not field.options and field.kind not in NOT_TYPED


def _shaped(matches: Sequence[Match], members: Sequence[int]) -> list[Question]:
    field = matches[members[0]].field
    if is_tick(field):
        return [Question(Shape.RADIOS if field.kind == "radio" else Shape.BOXES, tuple(members))]
    if len(members) > 1:
        return [Question(Shape.CHARACTERS, tuple(members))]
    return [Question(Shape.FIELD, tuple(members))]
