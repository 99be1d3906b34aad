"""Values over a row of boxes that take one character each: a postal code, a phone number, the parts of a birthday."""

import re

from fieldwise_common.canonical import Answer
from fieldwise_inference.fill.dates.values import part_of_date
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.tel import all_digits
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

_SEPARATORS = re.compile(r"[\s\-().]")


def characters(to_fill: FieldToFill, count: int) -> list[FillResult]:
    """One character for each of `count` boxes, if there is a way to write the value in exactly as many; otherwise none for any."""
    written = next((text for text in _ways(to_fill) if len(text) == count), None)
    return [NotFilled(Reason.SPLIT_MISMATCH)] * count if written is None else [Filled(char) for char in written]


def _ways(to_fill: FieldToFill) -> list[str]:
    """The value without separators: a part of a date in all its digits, a phone number with or without its country's."""
    part = to_fill.row.date_part
    if part is not None:
        date = part_of_date(part, to_fill.value)
        number = date.part(part) if date else None
        return [f"{number:0{4 if part == 'year' else 2}d}"] if number is not None else []
    if to_fill.row.answer is Answer.TEL:
        return all_digits(to_fill.value, to_fill.home_country)
    return [] if to_fill.row.answer is Answer.DATE else [_SEPARATORS.sub("", to_fill.value)]
