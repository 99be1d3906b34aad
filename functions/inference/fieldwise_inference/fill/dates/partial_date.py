"""A date of which the year, or the year and the month, may be all that is known."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from fieldwise_inference.fill.knowledge.months import month_of

_ISO = re.compile(r"(\d{4})(?:[-/.]?(\d{2})(?:[-/.]?(\d{2})(?:[T ].*)?)?)?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date that exists; parts that are not known are None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


def date_of(value: str) -> PartialDate | None:
    """A profile's date: ISO 8601, down to the day, the month or the year; None for anything else, and for days that don't exist."""
    found = _ISO.fullmatch(value.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    return PartialDate(year, month, day)


def part_of_date(part: Literal["day", "month", "year"], value: str) -> PartialDate | None:
    """One part of a date as a profile holds it (`3`, `03`, `March`, `1990`) or the part of a whole date; None for anything else."""
    whole = date_of(value) if len(value) > 4 else None
    if whole is not None:
        return whole
    if part == "month":
        month = month_of(value)
        return PartialDate(month=month) if month else None
    number = int(value) if value.isdecimal() and len(value) <= 4 else 0
    if part == "day":
        return PartialDate(day=number) if 1 <= number <= 31 else None
    return PartialDate(year=number) if number >= 1000 else None
