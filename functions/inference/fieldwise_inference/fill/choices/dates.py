"""Days, months and years among options. Texts are read before values: `<option value=3>April` is April."""

import re
from collections.abc import Sequence
from typing import Literal

from fieldwise_common.wire import Option
from fieldwise_inference.fill.choices.options import text_of
from fieldwise_inference.fill.dates.partial_date import PartialDate
from fieldwise_inference.fill.knowledge.months import month_by_name, month_of

Part = Literal["day", "month", "year"]

_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")


def _number(text: str) -> int | None:
    found = _NUMBER.findall(text)
    return int(found[0]) if len(found) == 1 else None


def part_asked(options: Sequence[Option]) -> Part | None:
    """Which part of a date a list of options offers, judged by most of them; None for none."""
    named = sum(month_by_name(text_of(option)) is not None for option in options)
    numbers = [number for option in options if (number := _number(text_of(option))) is not None]
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


def _says(option: Option, part: Part, wanted: int) -> bool:
    text = text_of(option)
    if part == "month":
        return month_of(text) == wanted
    if part == "day":
        return _number(text) == wanted
    return _number(text) == wanted or (len(text) == 2 and text.isdigit() and int(text) == wanted % 100)


def same_part(part: Part, date: PartialDate, options: Sequence[Option]) -> Option | None:
    """The option that is this part of the date."""
    wanted = {"day": date.day, "month": date.month, "year": date.year}[part]
    if wanted is None:
        return None
    by_text = (option for option in options if _says(option, part, wanted))
    are_months = {option.value.lstrip("0") for option in options} == {str(month) for month in range(1, 13)}
    by_value = (option for option in options if part == "month" and are_months and int(option.value) == wanted)
    return next(by_text, None) or next(by_value, None)
