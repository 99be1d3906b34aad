"""What a profile's date says: a date, or a part of one, of which only the year, or the year and the month, may be known."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from fieldwise_inference.fill.names import month

Part = Literal["day", "month", "year"]

EARLIEST, LATEST = 1900, 2100
"""Years outside of these are slips: nothing in a profile is that old or that far ahead."""

_ISO = re.compile(r"(\d{4})(?:[-/.]?(\d{2})(?:[-/.]?(\d{2})(?:[T ].*)?)?)?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date that exists; unknown parts are None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def part(self, part: Part) -> int | None:
        """The day, month or year; None if it is unknown."""
        return {"day": self.day, "month": self.month, "year": self.year}[part]


def date_of(value: str) -> PartialDate | None:
    """An ISO 8601 date to the day, the month or the year; None for anything else, and for a day that doesn't exist or is absurd."""
    found = _ISO.fullmatch(value.strip())
    if found is None:
        return None
    year, month_number, day = (int(part) if part else None for part in found.groups())
    if year is not None and not EARLIEST <= year <= LATEST:
        return None
    try:
        date(year or 0, month_number or 1, day or 1)
    except ValueError:
        return None
    return PartialDate(year, month_number, day)


def part_of_date(part: Part, value: str) -> PartialDate | None:
    """One part of a date (`3`, `03`, `March`, `1990`), or the whole date that `value` is; None for anything else."""
    whole = date_of(value) if len(value) > 4 else None
    if whole is not None:
        return whole
    if part == "month":
        named = month(value)
        return PartialDate(month=named) if named else None
    number = int(value) if value.isdecimal() and len(value) <= 4 else 0
    if part == "day":
        return PartialDate(day=number) if 1 <= number <= 31 else None
    return PartialDate(year=number) if EARLIEST <= number <= LATEST else None
