"""The profile's salary as a field asks for it: in the profile's own currency, by the year or the month, in thousands or lakhs."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from babel.numbers import get_territory_currencies

from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.number import MONTHS, number_of, plain
from fieldwise_inference.fill.options import text_of
from fieldwise_inference.fill.questions.units import Unit, asking_texts, spelled_out, units_in, units_of
from fieldwise_inference.fill.result import Reason

MAX_READ = 60
"""Options that are read for their currency."""
_NUMBERS = re.compile(r"[\d.,'/]+k?")

_NET = re.compile(r"\b(?:net|nett|netto|neto|nette?s?|l[ií]quid\w*|take[ -]home|after tax|нетто|на руки)\b|手取り|税后|稅後|세후")
_GROSS = re.compile(r"\b(?:gross|brut\w*|before tax|брутто|до вычета)\b|額面|税前|稅前|세전")

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
_DOLLARS = frozenset("USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP".split())
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


def as_paid(to_fill: FieldToFill) -> str | Reason:
    """An amount of money in the unit that the field asks for; a reason if that can't be known, or it asks for another currency."""
    field, value = to_fill.field, to_fill.value
    asking = " ".join(asking_texts(field)).casefold()
    offered = " ".join(text_of(option) for option in field.options[:MAX_READ]).casefold()
    if not _is_own_currency(to_fill, _currencies(f"{asking} {offered}")):
        return Reason.OTHER_CURRENCY
    if _is_other_side_of_tax(f"{asking} {offered}", value.casefold()):
        return Reason.UNIT_UNKNOWN
    scale = next((factor for pattern, factor in _SCALES if pattern.search(asking)), 1)
    wanted = units_of(field) or units_in(_NUMBERS.sub(" ", offered))
    stated = units_in(_NUMBERS.sub(" ", spelled_out(value)))
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


def _for_period(amount: Decimal, stated: Unit | None, wanted: Unit | None) -> Decimal | None:
    """An amount by the year or the month as one by the other; None if the profile does not name its period, or it doesn't come out even.

    An amount without a period is taken to be by the year where the field asks for that, and one by the year where it names none.
    """
    if stated == wanted or {stated, wanted} == {None, Unit.YEAR}:
        return amount
    if (stated, wanted) == (Unit.YEAR, Unit.MONTH):
        return amount / MONTHS if amount % MONTHS == 0 else None
    return amount * MONTHS if (stated, wanted) == (Unit.MONTH, Unit.YEAR) else None


def _currencies(text: str) -> frozenset[str]:
    found = frozenset(code for code, pattern in _CURRENCY.items() if pattern.search(text))
    return found | ({"$"} if "$" in text and not found else frozenset())


def _is_own_currency(to_fill: FieldToFill, named: frozenset[str]) -> bool:
    """Whether a field that names currencies names the value's, which is that of the profile's country if it has none."""
    own = _currencies(to_fill.value.casefold())
    if not own and to_fill.home_country:
        own = frozenset(get_territory_currencies(to_fill.home_country))
    if "$" in named or "$" in own:
        return not own or not named or bool((own | named) & _DOLLARS) or own == named
    return not named or not own or bool(named & own)
