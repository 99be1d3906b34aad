"""Dates, and days, months and years alone: in native date inputs, in text boxes, and among options."""

import re
from collections.abc import Sequence
from datetime import date as calendar_date

from fieldwise_common.canonical import Answer
from fieldwise_common.wire import Option
from fieldwise_inference.fill.dates.eras import years_written
from fieldwise_inference.fill.dates.formats import (
    ISO,
    ISO_MONTH,
    ISO_YEAR,
    allowed_format,
    local_format,
    shown_format,
    shows_month_name,
    shows_two_digits,
)
from fieldwise_inference.fill.dates.values import Part, PartialDate, date_of, part_of_date
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit, fit_texts
from fieldwise_inference.fill.names import month, month_by_name, month_names
from fieldwise_inference.fill.options import text_of
from fieldwise_inference.fill.result import Caveat, Filled, FillResult, NotFilled, Reason

_FROM_ZERO = {str(number) for number in range(12)}
"""Months as programs count them."""
_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")


def native_date(to_fill: FieldToFill) -> FillResult:
    """For `<input type=date>`, `month` and `week`: each takes one format, whatever its placeholder shows."""
    date = date_of(to_fill.value)
    if date is None or to_fill.row.answer is not Answer.DATE:
        return NotFilled(Reason.BAD_DATE)
    rendered = {"date": ISO.render, "month": ISO_MONTH.render, "week": _iso_week}[to_fill.field.kind](date)
    return Filled(rendered) if rendered else NotFilled(Reason.INCOMPLETE_DATE)


def _iso_week(date: PartialDate) -> str | None:
    if date.year is None or date.month is None or date.day is None:
        return None
    year, week, _ = calendar_date(date.year, date.month, date.day).isocalendar()
    return f"{year:04d}-W{week:02d}"


def text_date(to_fill: FieldToFill) -> FillResult:
    """For a text box: in the format it shows, else in the one its pattern allows, else as its form's country writes it, or in ISO 8601.

    The last two have a caveat. A value in words ("immediately") is kept if the box shows no format.
    """
    expected = shown_format(to_fill.field) or allowed_format(to_fill.field)
    date = date_of(to_fill.value)
    if date is None:
        is_in_words = not any(char.isdigit() for char in to_fill.value) and to_fill.canonical != "bday"
        return fit_texts([to_fill.value], to_fill.field) if is_in_words and expected is None else NotFilled(Reason.BAD_DATE)
    if expected is not None:
        rendered = expected.render(date)
        return fit([Filled(rendered)], to_fill.field) if rendered else NotFilled(Reason.INCOMPLETE_DATE)
    local = local_format(to_fill.field.lang)
    as_local = local.render(date) if local is not None else None
    iso = ISO.render(date) or ISO_MONTH.render(date) or ISO_YEAR.render(date) or ""
    return fit([Filled(text, Caveat.DATE_FORMAT_UNKNOWN) for text in (as_local or iso, iso, iso.replace("-", ""))], to_fill.field)


def date_part(to_fill: FieldToFill) -> FillResult:
    """For a text or number box for a day, month or year: `3` or `03`, the month's name if shown, a year of four digits or two."""
    part = to_fill.row.date_part
    date = part_of_date(part, to_fill.value) if part else None
    number = date.part(part) if part and date else None
    if number is None:
        return NotFilled(Reason.INCOMPLETE_DATE if date else Reason.BAD_DATE)
    if to_fill.canonical == "graduation-year" and "education-end-month" not in to_fill.beside:
        shown = shown_format(to_fill.field)
        if shown is not None and len(shown.parts) > 1:  # "MM/YYYY"
            whole = date_of(to_fill.profile.get("education-end-date", ""))
            rendered = shown.render(whole) if whole and whole.year == number else None
            return fit_texts([rendered], to_fill.field) if rendered else NotFilled(Reason.INCOMPLETE_DATE)
    if part == "year":
        return fit_texts([f"{number:04d}", f"{number % 100:02d}"], to_fill.field)
    padded, plain = f"{number:02d}", str(number)
    is_number_box = to_fill.field.kind == "number"
    numbers = [padded, plain] if shows_two_digits(to_fill.field) and not is_number_box else [plain, padded]
    if part == "day":
        return fit_texts(numbers, to_fill.field)
    wide, short = month_names(number)
    if shows_month_name(to_fill.field):
        return fit_texts([short, wide, *numbers], to_fill.field)
    return fit_texts(numbers if is_number_box else [*numbers, wide, short], to_fill.field)


def date_option(value: str, options: Sequence[Option]) -> Option | None:
    """The option for the day, month or year of the date, whichever the options list."""
    part = _part_offered(options)
    return _option_of_part(part, date_of(value), options) if part else None


def date_part_option(part: Part, value: str, options: Sequence[Option]) -> Option | None:
    """The option that is a day, month or year."""
    return _option_of_part(part, part_of_date(part, value), options)


def _part_offered(options: Sequence[Option]) -> Part | None:
    """The part of a date that at least half of the options are; None if they are something else."""
    named = sum(month_by_name(text_of(option)) is not None for option in options)
    numbers = [number for option in options if (number := _only_number(text_of(option))) is not None]
    if not options:
        return None
    if 2 * named >= len(options):
        return "month"
    if 2 * len(numbers) < len(options):
        return None
    if min(numbers) >= 1000:
        return "year"
    if max(numbers) > 31:
        return None
    return "day" if max(numbers) > 12 else "month"


def _option_of_part(part: Part, date: PartialDate | None, options: Sequence[Option]) -> Option | None:
    """Texts are read before values, because `<option value=3>` may be April."""
    wanted = date.part(part) if date else None
    if wanted is None:
        return None
    if part == "month" and {text_of(option) for option in options} == _FROM_ZERO:
        return next(option for option in options if text_of(option) == str(wanted - 1))
    by_text = (option for option in options if _is_part(text_of(option), part, wanted))
    are_months = {option.value.lstrip("0") for option in options} == {str(number) for number in range(1, 13)}
    by_value = (option for option in options if part == "month" and are_months and int(option.value) == wanted)
    return next(by_text, None) or next(by_value, None)


def _is_part(text: str, part: Part, wanted: int) -> bool:
    if part == "month":
        return month(text) == wanted
    if part == "day":
        return _only_number(text) == wanted
    by_era = years_written(text)
    if by_era:
        return by_era == {wanted}
    return _only_number(text) == wanted or (len(text) == 2 and text.isdigit() and int(text) == wanted % 100)


def _only_number(text: str) -> int | None:
    found = _NUMBER.findall(text)
    return int(found[0]) if len(found) == 1 else None
