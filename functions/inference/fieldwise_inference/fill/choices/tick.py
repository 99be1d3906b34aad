"""Tick boxes and single radio buttons: ticked only if the profile's value says so."""

from fieldwise_common.canonical import Answer
from fieldwise_common.wire import Option
from fieldwise_inference.fill.choices.choose import choose, find_option
from fieldwise_inference.fill.choices.words import yes_or_no
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

TICKED = "true"
UNTICKED = "false"


def checkbox(to_fill: FieldToFill) -> FillResult:
    """`true` or `false` for a yes or no; a group of boxes with options is a choice."""
    if to_fill.field.options:
        return choose(to_fill, None)
    answer = yes_or_no(to_fill.value)
    if answer is None or to_fill.row.answer is not Answer.YES_NO:
        return NotFilled(Reason.NOT_YES_OR_NO)
    return Filled(TICKED if answer else UNTICKED)


def lone_radio(to_fill: FieldToFill) -> FillResult:
    """`true` if the button's own label is the value; otherwise the value belongs to another button of its group."""
    label = Option(value=to_fill.field.label, text=to_fill.field.label)
    is_value = bool(to_fill.field.label) and find_option(to_fill, to_fill.value, [label]) is not None
    return Filled(TICKED) if is_value else NotFilled(Reason.NO_MATCHING_OPTION)
