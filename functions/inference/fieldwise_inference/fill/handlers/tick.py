"""Tick boxes and single radio buttons: ticked only where the profile says so."""

from fieldwise_common.wire import Option
from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.choices.choose import by_words, choose
from fieldwise_inference.fill.knowledge.equivalents import YES_NO_IDS, yes_or_no
from fieldwise_inference.fill.outcome import Answer, Outcome, Reason, Refusal

TICKED = "true"
UNTICKED = "false"


def checkbox(blank: Blank) -> Outcome:
    """`true` or `false` for a yes or no of the profile's; a group of boxes with options is a choice."""
    if blank.field.options:
        return choose(blank, None)
    said = yes_or_no(blank.value)
    if said is None or blank.canonical not in YES_NO_IDS:
        return Refusal(Reason.NOT_YES_OR_NO)
    return Answer(TICKED if said else UNTICKED)


def lone_radio(blank: Blank) -> Outcome:
    """`true` where the button's own label is the answer; otherwise it is another button that is."""
    label = Option(value=blank.field.label, text=blank.field.label)
    is_answer = bool(blank.field.label) and by_words(blank, blank.value, [label]) is not None
    return Answer(TICKED) if is_answer else Refusal(Reason.NO_MATCHING_OPTION)
