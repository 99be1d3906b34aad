"""The unit that a field asks for, and the profile's value in it: notice in days, salary by the month or in thousands, experience in months.

A number whose unit is not certain is not converted: the field stays empty.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from babel.numbers import get_territory_currencies

from fieldwise_common.canonical import Answer
from fieldwise_common.wire import FieldSlice, Option
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.number import number_of, plain
from fieldwise_inference.fill.options import only, text_of
from fieldwise_inference.fill.result import NotFilled, Reason


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
_UNIT = _patterns(before=r"(?<!\d )")
"""A unit in a normalised text that is not after a number: "e.g. 30 days" is an example."""
_UNIT_AFTER_NUMBER = _patterns(before="")
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
        converted: str | Reason = _money(to_fill)
    elif to_fill.canonical == "notice-period":
        converted = _notice(to_fill)
    elif to_fill.canonical == "years-of-experience":
        converted = _experience(to_fill)
    else:
        return to_fill
    return NotFilled(converted) if isinstance(converted, Reason) else replace(to_fill, value=converted)


def asking_texts(field: FieldSlice) -> tuple[str, ...]:
    """The texts of a field that may name a unit, the nearest first."""
    return (field.label, field.placeholder, field.described_by, field.nearby, field.group)


def units_of(field: FieldSlice) -> frozenset[Unit]:
    """The units of time of the first of a field's texts that names any."""
    named = (_units_in(text) for text in asking_texts(field))
    return next((units for units in named if units), frozenset())


@lru_cache(maxsize=1024)
def _units_in(text: str) -> frozenset[Unit]:
    plain_text = normalise(_spelled_out(text))
    return frozenset(unit for unit, pattern in _UNIT.items() if pattern.search(plain_text))


_PER_UNITS = {"h": "hour", "hr": "hour", "std": "hour", "d": "day", "wk": "week", "m": "month", "mo": "month", "mth": "month", "yr": "year"}
_PER = re.compile(rf"/\s?({'|'.join(_PER_UNITS)})\b\.?", re.IGNORECASE)
"""A unit after a slash, where abbreviations are clear: `$18/hr`."""


def _spelled_out(text: str) -> str:
    return _PER.sub(lambda found: f" {_PER_UNITS[found[1].lower()]} ", text)


# -- notice periods -----------------------------------------------------------------------------------------------------


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
    units = [unit for unit, pattern in _UNIT.items() if found and pattern.search(found[2])]
    number = number_of(plain_text if found else "", "notice-period")
    return (number, units[0]) if len(units) == 1 and number is not None else None


def _counted(text: str) -> str:
    """A normalised text with small numbers in digits. A decimal point stays."""
    plain_text = normalise(re.sub(r"(?<=\d)[.,](?=\d)", "decimalpoint", text)).replace("decimalpoint", ".")
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
_BELOW = re.compile(
    r"\b(?:under|below|(?:or )?less|fewer than|or fewer|up to|unter|bis zu|weniger als|moins de|menos de|ou moins|o menos|ou menos"
    r"|o meno|oder weniger|hasta|ate|meno di|minder dan)\b|[<≤]|以内|未満"
)
_ABOVE = re.compile(
    r"\b(?:over|above|more than|at least|or more|and more|mehr als|uber|plus de|mas de|mais de|piu di|meer dan)\b|[>≥+]|以上"
)


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
    units = frozenset(unit for unit, pattern in _UNIT_AFTER_NUMBER.items() if pattern.search(counted)) or assumed
    if len(units) != 1 or not units <= _DAYS.keys() or not 1 <= len(numbers) <= 2:
        return None
    unit = next(iter(units))
    if len(numbers) == 1 and _BELOW.search(text.casefold()):
        return _Span(Decimal("-Infinity"), numbers[0], unit)
    if len(numbers) == 1 and _ABOVE.search(text.casefold()):
        return _Span(numbers[0], Decimal("Infinity"), unit)
    return _Span(numbers[0], numbers[-1], unit)


def _is_within(length: tuple[Decimal, Unit], span: _Span) -> bool:
    number, unit = length
    converted = convert(number, unit, span.unit)
    amount = converted if converted is not None else number * _DAYS.get(unit, 0) / _DAYS[span.unit]
    if span.least.is_infinite() or span.most.is_infinite():
        return span.least < amount < span.most
    return span.least <= amount <= span.most


# -- experience ---------------------------------------------------------------------------------------------------------


def _experience(to_fill: FieldToFill) -> str | Reason:
    units = units_of(to_fill.field) & {Unit.MONTH, Unit.YEAR}
    if to_fill.field.options or Unit.MONTH not in units:
        return to_fill.value
    years = number_of(to_fill.value, to_fill.canonical)
    has_own_years = to_fill.beside.get(to_fill.canonical, 1) > 1  # one box for years, one for the months over them
    if years is None or len(units) > 1 or has_own_years:
        return Reason.UNIT_UNKNOWN
    return plain(years * 12)


# -- money --------------------------------------------------------------------------------------------------------------

_CURRENCIES: Mapping[str, str] = {
    "EUR": r"€|\b(?:eur|euros?|teur)\b",
    "GBP": r"£|\b(?:gbp|pounds? sterling)\b",
    "USD": r"\bus ?\$|\b(?:usd|us dollars?)\b",
    "INR": r"₹|\b(?:inr|rupees?|lpa|lakhs?|lacs?|crores?)\b",
    "JPY": r"\b(?:jpy|yen)\b|万円|円",
    "CNY": r"\b(?:cny|rmb)\b|人民币|万元|千元|元",
    "KRW": r"₩|\bkrw\b|만원|원",
    "CHF": r"\b(?:chf|franken)\b",
    "PLN": r"\bzł|\b(?:pln|zl|zlotych)\b",
    "BRL": r"r\$|\b(?:brl|reais)\b",
    "CAD": r"\b(?:cad|ca\$|c\$)",
    "AUD": r"\b(?:aud|au\$|a\$)",
    "SEK": r"\bsek\b",
    "NOK": r"\bnok\b",
    "DKK": r"\bdkk\b",
    "RUB": r"₽|\b(?:rub|руб\w*)\b",
    "TRY": r"₺|\b(?:try|tl)\b",
    "ILS": r"₪|\b(?:ils|nis)\b",
    "SGD": r"\b(?:sgd|s\$)",
    "AED": r"\b(?:aed|dirhams?)\b",
    "MXN": r"\b(?:mxn)\b",
    "CZK": r"\bczk\b|\bkč",
    "HUF": r"\bhuf\b|\bft\b",
}
_CURRENCY = {code: re.compile(pattern) for code, pattern in _CURRENCIES.items()}
_SCALES: Sequence[tuple[re.Pattern[str], int]] = (
    (
        re.compile(
            r"\b(?:in|x|×) ?\d{0,4}k\b|\(k\)|\bin thousands?\b|\bthousands?\b|\bk ?(?:€|£|\$|usd|eur|gbp|chf)|(?:€|£|\$|usd|eur|gbp"
            r"|chf) ?k\b"
            r"|\bteur\b|\bt ?€|\bt(?:sd|ausend)\b|\bmilliers\b|\bk euros?\b|\bmiles de\b|\bmilhares\b|\bmigliaia\b|\bтыс\w*|千元|千円"
        ),
        1_000,
    ),
    (re.compile(r"万|萬|만 ?원"), 10_000),
    (re.compile(r"\b(?:lpa|lakhs?|lacs?)\b"), 100_000),
    (re.compile(r"\bcrores?\b"), 10_000_000),
)
"""What a field counts money in, where that is not single units of the currency."""


def _money(to_fill: FieldToFill) -> str | Reason:
    field, value = to_fill.field, to_fill.value
    asking = " ".join(asking_texts(field)).casefold()
    offered = " ".join(text_of(option) for option in field.options[:MAX_READ]).casefold()
    if not _is_own_currency(to_fill, _currencies(f"{asking} {offered}")):
        return Reason.OTHER_CURRENCY
    if _is_other_side_of_tax(f"{asking} {offered}", value.casefold()):
        return Reason.UNIT_UNKNOWN
    scale = next((factor for pattern, factor in _SCALES if pattern.search(asking)), 1)
    wanted = units_of(field) or _units_in(_NUMBERS.sub(" ", offered))
    stated = _units_in(_NUMBERS.sub(" ", _spelled_out(value)))
    is_single = scale == 1 and wanted <= (stated or {Unit.YEAR})
    if is_single:
        drops_period = (field.kind == "number" or field.options) and not wanted and not stated <= {Unit.YEAR}
        return Reason.UNIT_UNKNOWN if drops_period else value
    amount = number_of(value, to_fill.canonical)
    if amount is None or len(wanted) > 1 or len(stated) > 1:
        return Reason.UNIT_UNKNOWN
    converted = _for_period(amount, next(iter(stated), None), next(iter(wanted), None))
    in_scale = None if converted is None else converted / scale
    return plain(in_scale) if in_scale is not None and in_scale == round(in_scale, 2) else Reason.UNIT_UNKNOWN


def _is_other_side_of_tax(asking: str, value: str) -> bool:
    """Whether a field asks for an amount after tax and the value is one before it, or the other way round."""
    return any(
        one.search(asking) and not other.search(asking) and other.search(value) and not one.search(value)
        for one, other in ((_NET, _GROSS), (_GROSS, _NET))
    )


_NET = re.compile(r"\b(?:net|nett|netto|neto|nette?s?|l[ií]quid\w*|take[ -]home|after tax|нетто|на руки)\b|手取り|税后|稅後|세후")
_GROSS = re.compile(r"\b(?:gross|brut\w*|before tax|брутто|до вычета)\b|額面|税前|稅前|세전")
MAX_READ = 60
"""Options that are read for their currency."""
_NUMBERS = re.compile(r"[\d.,'/]+k?")


def _for_period(amount: Decimal, stated: Unit | None, wanted: Unit | None) -> Decimal | None:
    """An amount by the year or the month as one by the other; None if the profile does not name its period, or it doesn't come out even.

    An amount without a period is taken to be by the year where the field asks for that, and one by the year where it names none.
    """
    if stated == wanted or {stated, wanted} == {None, Unit.YEAR}:
        return amount
    if (stated, wanted) == (Unit.YEAR, Unit.MONTH):
        return amount / 12 if amount % 12 == 0 else None
    return amount * 12 if (stated, wanted) == (Unit.MONTH, Unit.YEAR) else None


def _currencies(text: str) -> frozenset[str]:
    found = frozenset(code for code, pattern in _CURRENCY.items() if pattern.search(text))
    return found | ({"$"} if "$" in text and not found else frozenset())


_DOLLARS = frozenset("USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP".split())


def _is_own_currency(to_fill: FieldToFill, named: frozenset[str]) -> bool:
    """Whether a field that names currencies names the value's, which is that of the profile's country if it has none."""
    own = _currencies(to_fill.value.casefold())
    if not own and to_fill.home_country:
        own = frozenset(get_territory_currencies(to_fill.home_country))
    if "$" in named or "$" in own:
        return not own or not named or bool((own | named) & _DOLLARS) or own == named
    return not named or not own or bool(named & own)
