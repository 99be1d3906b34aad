"""The day, month or year of a date in a box of its own."""

import re

from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.dates.date_ids import DATE_PART_IDS
from fieldwise_inference.fill.dates.partial_date import part_of_date
from fieldwise_inference.fill.fitting import fit_texts
from fieldwise_inference.fill.knowledge.locales import month_names
from fieldwise_inference.fill.outcome import Outcome, Reason, Refusal

_MONTH_NAME_SHOWN = re.compile(r"\bmmm\b", re.IGNORECASE)
_TWO_DIGITS_SHOWN = re.compile(r"\b(\w)\1\b|\b0\d\b")


def _numbers(blank: Blank, number: int) -> list[str]:
    """Padded where the box has room for two digits exactly or shows two; plain otherwise."""
    is_padded = blank.kind != "number" and (blank.field.maxlength == 2 or bool(_TWO_DIGITS_SHOWN.search(blank.field.placeholder)))
    padded, plain = f"{number:02d}", str(number)
    return [padded, plain] if is_padded else [plain, padded]


def date_part(blank: Blank) -> Outcome:
    """`3` or `03`, a month's name where the box wants one, a year of four digits or two."""
    part = DATE_PART_IDS[blank.canonical]
    date = part_of_date(part, blank.value)
    if date is None:
        return Refusal(Reason.BAD_DATE)
    if part == "year" and date.year is not None:
        return fit_texts([f"{date.year:04d}", f"{date.year % 100:02d}"], blank.field)
    if part == "day" and date.day is not None:
        return fit_texts(_numbers(blank, date.day), blank.field)
    if part == "month" and date.month is not None:
        wide, short = month_names(date.month)
        names = [short, wide]
        numbers = _numbers(blank, date.month)
        is_name_shown = bool(_MONTH_NAME_SHOWN.search(blank.field.placeholder))
        return fit_texts(
            [*names, *numbers] if is_name_shown else numbers if blank.kind == "number" else [*numbers, wide, short], blank.field
        )
    return Refusal(Reason.INCOMPLETE_DATE)
