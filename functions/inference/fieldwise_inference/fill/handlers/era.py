"""Years as Japan and Taiwan count them: the era of a birthday (平成), and the year in it (3 for 1991)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fieldwise_common.wire import FieldSlice, Option
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit_texts
from fieldwise_inference.fill.handlers.text import clean
from fieldwise_inference.fill.options import answers_among, only, text_of, value_of
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

FIRST_WESTERN_YEAR = 1000
"""Among options, this and greater numbers are years of the common era."""


@dataclass(frozen=True, slots=True)
class Era:
    """`names`: in the order in which a text box gets them; the last is the initial that forms use."""

    start: date
    names: tuple[str, ...]

    def year(self, day: date) -> int:
        """The year of the era, from 1."""
        return day.year - self.start.year + 1


JAPANESE = (
    Era(date(2019, 5, 1), ("令和", "Reiwa", "R")),
    Era(date(1989, 1, 8), ("平成", "Heisei", "H")),
    Era(date(1926, 12, 25), ("昭和", "Showa", "S")),
    Era(date(1912, 7, 30), ("大正", "Taisho", "T")),
    Era(date(1868, 1, 25), ("明治", "Meiji", "M")),
)
"""Latest first, each from its first day; a day on which two eras meet belongs to the later one."""
REPUBLIC_OF_CHINA = Era(date(1912, 1, 1), ("民國", "民国", "ROC"))

_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
_FIRST_YEAR = re.compile(r"元年?")
_OF_TAIWAN = re.compile(r"民[國国]|minguo|\bR\.?O\.?C\b", re.IGNORECASE)


def era_of(birthday: str, shown: str) -> Era | None:
    """The era of an ISO 8601 date, of the calendar that the texts of the era's field show; None if the date is none, or in no era."""
    try:
        day = date.fromisoformat(birthday)
    except ValueError:
        return None
    eras = (REPUBLIC_OF_CHINA,) if _OF_TAIWAN.search(shown) else JAPANESE
    return next((era for era in eras if era.start <= day), None)


def texts_of(field: FieldSlice) -> str:
    """What a field shows, which tells the calendar."""
    return " ".join((field.label, field.placeholder, field.group, field.nearby, *map(text_of, field.options)))


def era(to_fill: FieldToFill) -> FillResult:
    """For a text box: the era's name, or its initial if there is room for one letter only."""
    found = era_of(to_fill.value, texts_of(to_fill.field))
    return fit_texts(found.names, to_fill.field) if found else NotFilled(Reason.BAD_DATE)


def era_option(birthday: str, options: Sequence[Option]) -> Option | None:
    """The option that names the era of the birthday, alone or with its years: `平成`, `H`, `平成 (1989-2019)`."""
    found = era_of(birthday, " ".join(map(text_of, options)))
    if found is None:
        return None
    *names, initial = (name.casefold() for name in found.names)
    named = [option for option in options if any(name in clean(text_of(option), keeps_lines=False).casefold() for name in names)]
    return only(named) or only(option for option in options if text_of(option).casefold().strip(" .:()") == initial)


def year_in_era(birthday: str, era_fields: Sequence[FieldSlice]) -> str:
    """The year of a birthday beside a field, or radios, for its era: `3`; "" if the date is in no era."""
    found = era_of(birthday, " ".join(map(texts_of, era_fields)))
    return str(found.year(date.fromisoformat(birthday))) if found else ""


def era_year(to_fill: FieldToFill) -> FillResult:
    """For a box or a list of years beside a box for the era. The value is a year of the era; a list of common years gets that of `bday`."""
    options = answers_among(to_fill.field.options)
    if not options:
        return fit_texts([to_fill.value, to_fill.value.zfill(2)], to_fill.field)
    wanted = int(to_fill.value)
    if all(max(_numbers(option), default=0) >= FIRST_WESTERN_YEAR for option in options):
        wanted = int(to_fill.profile["bday"][:4])
    found = only(option for option in options if wanted in _numbers(option))
    return Filled(value_of(found), text=text_of(found), action="choose") if found else NotFilled(Reason.NO_MATCHING_OPTION)


def _numbers(option: Option) -> list[int]:
    text = text_of(option)
    return [int(number) for number in _NUMBER.findall(text)] or ([1] if _FIRST_YEAR.search(text) else [])
