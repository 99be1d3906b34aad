"""A birthday as Japan and Taiwan count years: a field for its era (平成), and one beside it for the year in it (3 for 1991)."""

import re
from collections.abc import Sequence

from fieldwise_common.wire import FieldSlice, Option
from fieldwise_inference.fill.dates.eras import ERAS, REPUBLIC_OF_CHINA, Era, era_of, years_written
from fieldwise_inference.fill.dates.values import date_of
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit_texts
from fieldwise_inference.fill.options import answers_among, only, text_of, value_of
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

FIRST_WESTERN_YEAR = 1000
"""Among options, this and greater numbers are years of the common era."""

_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
_FIRST_YEAR = re.compile(r"元年?")
_OF_TAIWAN = re.compile(r"民[國国]|minguo|\bR\.?O\.?C\b", re.IGNORECASE)


def era(to_fill: FieldToFill) -> FillResult:
    """For a text box: the era's name, or its letter if there is room for one letter only."""
    found = _era(to_fill.value, _shown(to_fill.field))
    return fit_texts([found[0].name, found[0].letter], to_fill.field) if found else NotFilled(Reason.BAD_DATE)


def era_option(birthday: str, options: Sequence[Option]) -> Option | None:
    """The option that names the era of the birthday, alone or with its years: `平成`, `H`, `平成 (1989-2019)`."""
    found = _era(birthday, " ".join(map(text_of, options)))
    if found is None:
        return None
    names = (found[0].name, found[0].name.replace("國", "国"), found[0].romanised)
    named = [option for option in options if any(name in text_of(option).casefold() for name in names)]
    return only(named) or only(option for option in options if text_of(option).strip(" .:()").upper() == found[0].letter)


def year_in_era(birthday: str, era_fields: Sequence[FieldSlice]) -> str:
    """The year of a birthday beside the fields for its era: `3`; "" if the date is in no era."""
    found = _era(birthday, " ".join(map(_shown, era_fields)))
    return str(found[1]) if found else ""


def era_year(to_fill: FieldToFill) -> FillResult:
    """For a box or a list of years beside a field for the era. The value is a year of the era; a list of common years gets one of them."""
    options = answers_among(to_fill.field.options)
    if not options:
        return fit_texts([to_fill.value, to_fill.value.zfill(2)], to_fill.field)
    day = date_of(to_fill.profile.get("bday", ""))
    common = day.year if day and day.year else 0
    by_era = [option for option in options if years_written(text_of(option)) == {common}]
    is_common = all(max(_numbers(option), default=0) >= FIRST_WESTERN_YEAR for option in options)
    wanted = common if is_common else int(to_fill.value)
    found = only(by_era) or only(option for option in options if wanted in _numbers(option) and not years_written(text_of(option)))
    return Filled(value_of(found), text=text_of(found), action="choose") if found else NotFilled(Reason.NO_MATCHING_OPTION)


def _era(birthday: str, shown: str) -> tuple[Era, int] | None:
    """The era of a birthday and the year in it, by its field's calendar; None if it is not a date, or before the first era."""
    day = date_of(birthday)
    return era_of(day, REPUBLIC_OF_CHINA if _OF_TAIWAN.search(shown) else ERAS) if day else None


def _shown(field: FieldSlice) -> str:
    return " ".join((field.label, field.placeholder, field.group, field.nearby, *map(text_of, field.options)))


def _numbers(option: Option) -> list[int]:
    text = text_of(option)
    return [int(number) for number in _NUMBER.findall(text)] or ([1] if _FIRST_YEAR.search(text) else [])
