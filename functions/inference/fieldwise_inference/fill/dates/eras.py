"""Eras of Japan (元号) and Taiwan (民國): the era of a date and the year in it, and how forms write both (`平成3年`, `H3`)."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from fieldwise_inference.fill.dates.values import PartialDate


class Era(NamedTuple):
    """An era by its name and its letter, from its first day on."""

    name: str
    letter: str
    romanised: str
    first: date


ERAS = (
    Era("令和", "R", "reiwa", date(2019, 5, 1)),
    Era("平成", "H", "heisei", date(1989, 1, 8)),
    Era("昭和", "S", "showa", date(1926, 12, 25)),
    Era("大正", "T", "taisho", date(1912, 7, 30)),
    Era("明治", "M", "meiji", date(1868, 10, 23)),
)
"""The latest first."""
REPUBLIC_OF_CHINA = (Era("民國", "", "roc", date(1912, 1, 1)),)

_WRITTEN = re.compile(r"(令和|平成|昭和|大正|明治|(?<![A-Za-z])[RHSTM](?=\s?\d))\s?\.?\s?(\d{1,2}|元)\s?年?")


def era_of(day: PartialDate, eras: Sequence[Era] = ERAS) -> tuple[Era, int] | None:
    """The era of a date and the year in it, from 1; None before the first era, and for a date whose era its unknown parts leave open."""
    if day.year is None:
        return None
    first = date(day.year, day.month or 1, day.day or 1)
    last = date(day.year, day.month or 12, day.day or 28)
    era = next((era for era in eras if era.first <= first), None)
    is_certain = era is not None and era == next((era for era in eras if era.first <= last), None)
    return (era, day.year - era.first.year + 1) if era is not None and is_certain else None


def years_written(text: str) -> set[int]:
    """The years of the calendar that a text names by their era: 1991 for `平成3年`."""
    found = (match.groups() for match in _WRITTEN.finditer(text))
    eras = {written: era for era in ERAS for written in (era.name, era.letter)}
    return {eras[era].first.year + (1 if year == "元" else int(year)) - 1 for era, year in found}
