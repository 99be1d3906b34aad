"""The units of time that the texts of a field name: days, weeks, months."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from fieldwise_common.wire import FieldSlice
from fieldwise_inference.classify.text import normal_form


class Unit(StrEnum):
    """A unit of time."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_UNITS: Mapping[Unit, str] = {
    Unit.HOUR: "hours?|hourly|per hr|stunden?|stundlich|heures?|horaire|horas?|orari[oa]|ore|uur|uurloon|godzin\\w*|час\\w*|saat\\w*|時給"
    "|小时|小時|시급",
    Unit.DAY: "days?|daily|tage?n?|taglich|jours?|journalier|dias?|diari[oa]|giorn[oi]|dag|dagen|dagar|dage|dager|dni|dzien|дн\\w*|день"
    "|gun|日間|日数|日$|天|일수|일$|hari|zile|nap",
    Unit.WEEK: "weeks?|weekly|wks?|wochen?|semaines?|semanas?|settiman[ae]|weken|veckor|uger|uker|tygodni\\w*|tygodnie|недел\\w*|hafta"
    "|週間?|周|주$|minggu|saptamani",
    Unit.MONTH: (
        "months?|monthly|monat\\w*|mois|mensuel\\w*|mes(?! \\w+ salar)|meses|mensual\\w*|mensal\\w*|mesi|mese|mensil\\w*|maand\\w*"
        "|manad\\w*|maned\\w*|maneder"
        "|miesiac\\w*|miesiec\\w*|мес|месяц\\w*|ay|aylik|ヶ月|か月|カ月|ケ月|个月|個月|月給|月薪|月收入|개월|월급|bulan\\w*|luni|lunar|pcm"
    ),
    Unit.YEAR: (
        "years?|yearly|yrs?|annum|annual\\w*|annually|p ?a|jahre?n?|jahrlich\\w*|jahres\\w*|par an|l an|ans|annees?|annuel\\w*|anos?"
        "|anual\\w*|anni|annu[oa]\\w*|jaar\\w*"
        "|ar|arslon|lat|lata|roczn\\w*|rok|лет|год\\w*|yil\\w*|yillik|年収|年俸|年薪|年|연봉|년|tahun\\w*|ctc|lpa"
    ),
}


def _patterns(before: str) -> Mapping[Unit, re.Pattern[str]]:
    """By unit: its words, in scripts with spaces only as whole words with `before` in front."""
    return {
        unit: re.compile("|".join(rf"{before}(?<!\w)(?:{word})(?!\w)" if _SPACED.match(word) else word for word in words.split("|")))
        for unit, words in _UNITS.items()
    }


_SPACED = re.compile(r"[(a-zа-я]")
UNIT = _patterns(before=r"(?<!\d )")
"""A unit in a normalised text that is not after a number: "e.g. 30 days" is an example."""
UNIT_AFTER_NUMBER = _patterns(before="")


def asking_texts(field: FieldSlice) -> tuple[str, ...]:
    """The texts of a field that may name a unit, the nearest first."""
    return (field.label, field.placeholder, field.described_by, field.nearby, field.group)


def units_of(field: FieldSlice) -> frozenset[Unit]:
    """The units of time of the first of a field's texts that names any."""
    named = (_units_on_page(text) for text in asking_texts(field))
    return next((units for units in named if units), frozenset())


@lru_cache(maxsize=1024)
def _units_on_page(text: str) -> frozenset[Unit]:
    return units_in(text)


def units_in(text: str) -> frozenset[Unit]:
    """The units of time that a text names, other than after a number."""
    plain_text = normal_form(spelled_out(text))
    return frozenset(unit for unit, pattern in UNIT.items() if pattern.search(plain_text))


_PER_UNITS = {"h": "hour", "hr": "hour", "std": "hour", "d": "day", "wk": "week", "m": "month", "mo": "month", "mth": "month", "yr": "year"}
_PER = re.compile(rf"/\s?({'|'.join(_PER_UNITS)})\b\.?", re.IGNORECASE)
"""A unit after a slash, where abbreviations are clear: `$18/hr`."""


def spelled_out(text: str) -> str:
    """A text with the units after slashes as words."""
    return _PER.sub(lambda found: f" {_PER_UNITS[found[1].lower()]} ", text)
