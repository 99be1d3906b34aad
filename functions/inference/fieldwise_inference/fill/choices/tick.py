"""Radios and tick boxes without options of their own, decided over all that answer one question: their labels are the options."""

from collections.abc import Sequence
from dataclasses import replace

from fieldwise_common.canonical import Answer
from fieldwise_common.wire import FieldSlice, Option
from fieldwise_inference.fill.choices.choose import all_options, choose
from fieldwise_inference.fill.choices.statements import is_statement, option_truth
from fieldwise_inference.fill.choices.words import truth_of, yes_or_no
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.questions.polarity import asked
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

TICKED = "true"
NAMED_BY_A_BOX = frozenset({Answer.CHOICE, Answer.PROSE, Answer.LANGUAGE})
"""Kinds of answer that a box can name by its label: a choice, a language, a skill of the list in one text."""


def radios(to_fill: FieldToFill, members: Sequence[FieldSlice]) -> list[FillResult]:
    """One result for each radio of a question: at most one is ticked, the first of those with the same label."""
    question = _as_one(to_fill, members)
    result = choose(question, None)
    if isinstance(result, NotFilled):
        return [result] * len(members)
    return [_ticked(members, position, result) if _name(position) == result.value else _ANOTHER for position in range(len(members))]


def boxes(to_fill: FieldToFill, members: Sequence[FieldSlice]) -> list[FillResult]:
    """One result for each box of a question: each that is an answer is ticked."""
    if to_fill.row.answer is Answer.YES_NO:
        return _statements(to_fill, members)
    if to_fill.row.answer not in NAMED_BY_A_BOX:
        return [NotFilled(Reason.NOT_YES_OR_NO)] * len(members)
    question = _as_one(to_fill, members)
    found = {option.value for option in all_options(question, question.field.options)}
    if not found:
        result = choose(question, None)
        if isinstance(result, NotFilled):
            return [result] * len(members)
        found = {result.value}
    return [_ticked(members, position) if _name(position) in found else _ANOTHER for position in range(len(members))]


def _statements(to_fill: FieldToFill, members: Sequence[FieldSlice]) -> list[FillResult]:
    """Boxes of a yes-or-no question. Of several, those that are true; if none can be told to be, the one that would be chosen."""
    if len(members) == 1:
        return [_lone_box(to_fill, members[0])]
    question = asked(to_fill)
    truths = [option_truth(to_fill, question.truth, member.label) for member in members]
    if True in truths and None not in truths:
        return [_ticked(members, position) if truth else _ANOTHER for position, truth in enumerate(truths)]
    return radios(to_fill, members)


def _lone_box(to_fill: FieldToFill, field: FieldSlice) -> FillResult:
    """A box by itself is a statement. Its label may be a bare "Yes", or only name the question."""
    question = asked(to_fill)
    is_bare = not field.label or yes_or_no(field.label) is not None
    claims = not is_bare and is_statement(to_fill, field.label)
    truth = option_truth(to_fill, question.truth, field.label) if field.label else question.truth
    if truth is None and not claims and not is_bare:
        truth = question.truth
    if truth is None:
        is_unreadable = claims or not question.is_plain
        has_answer = truth_of(to_fill.canonical, to_fill.profile) is not None
        return NotFilled(Reason.INVERTED_QUESTION if is_unreadable and has_answer else Reason.NOT_YES_OR_NO)
    return _ticked([field], 0) if truth else NotFilled(Reason.ANSWER_IS_NO)


def _as_one(to_fill: FieldToFill, members: Sequence[FieldSlice]) -> FieldToFill:
    """The question as one field whose options are the labels of its members; a repeated label counts once."""
    labels: dict[str, Option] = {}
    for position, member in enumerate(members):
        if member.label:
            labels.setdefault(" ".join(member.label.casefold().split()), Option(value=_name(position), text=member.label))
    first = members[0]
    label = first.group if len(members) > 1 or first.group else ""
    field = first.model_copy(update={"options": tuple(labels.values()), "label": label, "group": ""})
    return replace(to_fill, field=field)


def _name(position: int) -> str:
    """The value of a member as an option; a bare 0 or 1 would read as an answer."""
    return f"member {position}"


def _ticked(members: Sequence[FieldSlice], position: int, result: Filled | None = None) -> Filled:
    return Filled(TICKED, result.caveat if result else None, text=members[position].label, action="check")


_ANOTHER = NotFilled(Reason.ANOTHER_OPTION)
