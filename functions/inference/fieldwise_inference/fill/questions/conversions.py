"""The profile's value in the unit that a field asks for: notice in days, experience in months, a salary by the month (`money`).

A number whose unit is not certain is not converted: the field stays empty.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from fieldwise_common.canonical import Answer
from fieldwise_common.wire import Option
from fieldwise_inference.classify.text import normal_form
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.number import ABOVE, BELOW, MONTHS, number_of, plain
from fieldwise_inference.fill.options import only, text_of
from fieldwise_inference.fill.questions.money import as_paid
from fieldwise_inference.fill.questions.units import UNIT, UNIT_AFTER_NUMBER, Unit, units_of
from fieldwise_inference.fill.result import NotFilled, Reason

_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(.*)", re.DOTALL)
_AT_ONCE = re.compile(
    r"^(?:immediate\w*|immediately available|available immediately|none|no notice(?: period)?|asap|now|sofort|ab sofort|immediat\w*"
    r"|inmediat\w*|imediat\w*"
    r"|subito|per direct|direct|natychmiast|od zaraz|немедленно|сразу|hemen|即日|即时|立即|즉시|segera)\b"
)
_SURE: Mapping[tuple[Unit, Unit], tuple[int, int]] = {
    (Unit.WEEK, Unit.DAY): (7, 1),
    (Unit.DAY, Unit.WEEK): (1, 7),
    (Unit.MONTH, Unit.DAY): (30, 1),
    (Unit.DAY, Unit.MONTH): (1, 30),
    (Unit.WEEK, Unit.MONTH): (1, 4),
    (Unit.MONTH, Unit.WEEK): (4, 1),
    (Unit.YEAR, Unit.MONTH): (12, 1),
    (Unit.MONTH, Unit.YEAR): (1, 12),
}
"""Numerator and denominator of the conversions that people make; the result must be whole."""
LONGEST_IN_WEEKS = 12
"""Up to here, four weeks are a month."""


def in_units(to_fill: FieldToFill) -> FieldToFill | NotFilled:
    """The same field with its value in the unit that the field asks for; a reason if that can't be known."""
    if to_fill.row.answer is Answer.MONEY:
        converted: str | Reason = as_paid(to_fill)
    elif to_fill.canonical == "notice-period":
        converted = _notice(to_fill)
    elif to_fill.canonical == "years-of-experience":
        converted = _experience(to_fill)
    else:
        return to_fill
    return NotFilled(converted) if isinstance(converted, Reason) else replace(to_fill, value=converted)


def _notice(to_fill: FieldToFill) -> str | Reason:
    if to_fill.field.options:
        return to_fill.value
    units = units_of(to_fill.field)
    is_number_box = to_fill.field.kind == "number"
    if len(units) != 1 and not is_number_box:
        return to_fill.value
    length = duration(to_fill.value)
    if length is None or len(units) > 1:
        is_bare = not units and number_of(to_fill.value, to_fill.canonical) is not None and _unit_after(to_fill.value) is None
        return to_fill.value if is_bare else Reason.UNIT_UNKNOWN
    if not units:
        return Reason.UNIT_UNKNOWN
    converted = convert(*length, next(iter(units)))
    return Reason.UNIT_UNKNOWN if converted is None else plain(converted)


def _unit_after(value: str) -> Unit | None:
    length = duration(value)
    return length[1] if length else None


def duration(text: str) -> tuple[Decimal, Unit] | None:
    """The number and the unit of a text such as `4 weeks`; no days for `immediately`; None for anything else."""
    plain_text = _counted(text)
    if _AT_ONCE.search(plain_text):
        return Decimal(0), Unit.DAY
    found = _AMOUNT.fullmatch(plain_text)
    units = [unit for unit, pattern in UNIT.items() if found and pattern.search(found[2])]
    number = number_of(plain_text if found else "", "notice-period")
    return (number, units[0]) if len(units) == 1 and number is not None else None


def _counted(text: str) -> str:
    """A normalised text with small numbers in digits. A decimal point stays."""
    plain_text = normal_form(re.sub(r"(?<=\d)[.,](?=\d)", "decimalpoint", text)).replace("decimalpoint", ".")
    return _NUMBER_WORD.sub(lambda found: _NUMBER_WORDS[found.group()], plain_text)


_NUMBER_WORDS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "six": "6",
    "ein": "1",
    "einen": "1",
    "zwei": "2",
    "drei": "3",
    "un": "1",
    "deux": "2",
    "trois": "3",
}
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b")


def convert(number: Decimal, unit: Unit, wanted: Unit) -> Decimal | None:
    """A length of time in another unit, if there is a whole number that everyone would write; else None."""
    if unit == wanted or number == 0:
        return number
    ways = [(unit, wanted)]
    if unit is Unit.DAY and wanted is Unit.MONTH:
        weeks = convert(number, unit, Unit.WEEK)
        ways = [(unit, wanted)] if weeks is None else [(Unit.WEEK, wanted), (unit, wanted)]
    for start, end in ways:
        if (start, end) not in _SURE:
            continue
        factor, divisor = _SURE[(start, end)]
        amount = number if start == unit else number / 7
        is_long = (start is Unit.WEEK and amount > LONGEST_IN_WEEKS) or (
            end is Unit.WEEK and start is Unit.MONTH and amount * 4 > LONGEST_IN_WEEKS
        )
        converted = amount * factor / divisor
        if converted == converted.to_integral_value() and not is_long:
            return converted
    return None


_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 365}


def duration_option(to_fill: FieldToFill, options: Sequence[Option]) -> Option | None:
    """The option that is as long as the value ("1 month" for `4 weeks`), or else the only range that it falls into."""
    length = duration(to_fill.value)
    if length is None:
        return None
    spans = [(span, option) for option in options if (span := _span(text_of(option), units_of(to_fill.field))) is not None]
    same = [(span, option) for span, option in spans if span.least == span.most == convert(*length, span.unit)]
    in_own_unit = (option for span, option in same if span.unit == length[1])
    return (
        next(in_own_unit, None)
        or next((option for _, option in same), None)
        or only(option for span, option in spans if span.least != span.most and _is_within(length, span))
    )


class _Span(NamedTuple):
    """Lengths of time from `least` to `most`. One without an end does not contain its other bound ("more than 2 months")."""

    least: Decimal
    most: Decimal
    unit: Unit


def _span(text: str, assumed: frozenset[Unit]) -> _Span | None:
    """The lengths that an option stands for, in `assumed` if it names no unit; None if that is not clear."""
    counted = _counted(text)
    numbers = [Decimal(found) for found in re.findall(r"\d{1,4}", counted)]
    if not numbers and _AT_ONCE.search(counted):
        return _Span(Decimal(0), Decimal(0), Unit.DAY)
    units = frozenset(unit for unit, pattern in UNIT_AFTER_NUMBER.items() if pattern.search(counted)) or assumed
    if len(units) != 1 or not units <= _DAYS.keys() or not 1 <= len(numbers) <= 2:
        return None
    unit = next(iter(units))
    if len(numbers) == 1 and BELOW.search(text):
        return _Span(Decimal("-Infinity"), numbers[0], unit)
    if len(numbers) == 1 and ABOVE.search(text):
        return _Span(numbers[0], Decimal("Infinity"), unit)
    return _Span(numbers[0], numbers[-1], unit)


def _is_within(length: tuple[Decimal, Unit], span: _Span) -> bool:
    number, unit = length
    converted = convert(number, unit, span.unit)
    amount = converted if converted is not None else number * _DAYS.get(unit, 0) / _DAYS[span.unit]
    if span.least.is_infinite() or span.most.is_infinite():
        return span.least < amount < span.most
    return span.least <= amount <= span.most


def _experience(to_fill: FieldToFill) -> str | Reason:
    units = units_of(to_fill.field) & {Unit.MONTH, Unit.YEAR}
    if to_fill.field.options or Unit.MONTH not in units:
        return to_fill.value
    years = number_of(to_fill.value, to_fill.canonical)
    has_own_years = to_fill.beside.get(to_fill.canonical, 1) > 1  # one box for years, one for the months over them
    if years is None or len(units) > 1 or has_own_years:
        return Reason.UNIT_UNKNOWN
    return plain(years * MONTHS)
