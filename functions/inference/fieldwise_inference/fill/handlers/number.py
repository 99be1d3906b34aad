"""Numbers as people write them (`$85,000`, `85k`, `1,5`): in number inputs, and among options that are ranges (`18-24`, `5+ years`)."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from fieldwise_common.canonical import Answer, about
from fieldwise_common.wire import FieldSlice, Option
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit_texts
from fieldwise_inference.fill.options import text_of
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

NUMBERED_LINES = frozenset({"address-line2", "address-line3"})
"""Texts that may be digits throughout, and are no number otherwise: `12`, but not `Apt 12`."""
STREET_PARTS = frozenset({"house-number", "building", "floor", "unit"})
"""Texts that may be digits throughout too, but of which no separator may be left out."""

_NUMBER = re.compile(r"(?<![\w.,])-?\d[\d.,'’\s\u00a0\u202f]*(?<=\d)(?:\s?k\b)?(?!\d)|(?<![\d.,])\d[\d.,]*(?<=\d)(?:k\b)?", re.IGNORECASE)
_SCALES = tuple(
    (re.compile(rf"\s?(?:{words})", re.IGNORECASE), scale)
    for words, scale in (
        (r"千|(?:thousand|mil|tsd|tausend|тыс)\b", 1_000),
        (r"万|萬|만", 10_000),
        (r"(?:lpa|lakhs?|lacs?)\b", 100_000),
        (r"(?:million(?:s|en)?|mio|mln|млн)\b", 1_000_000),
        (r"(?:crores?|cr)\b", 10_000_000),
    )
)
"""Words after an amount of money, and what they multiply it by."""
_PLUS_4 = re.compile(r"(?<=^\d{5})-\d{4}$")
MONTHS = 12
"""In a year."""
_IN_MONTHS = re.compile(
    r"\b(?:months?|mos?|monate?n?|mois|meses|mes[ie]|maand(?:en)?|miesi\w+|месяц\w*)\b|[ヶかカケ]月|个月|개월", re.IGNORECASE
)
_IN_YEARS = re.compile(r"\b(?:years?|yrs?|jahre?n?|ans?|années?|años?|anos?|ann[io]|jaar|lat|rok|лет|год\w*)\b|年|년", re.IGNORECASE)
_SPACES = re.compile(r"[\s'’\u00a0\u202f]")
BELOW = re.compile(
    r"[<≤]|\b(?:under|below|less than|or less|fewer than|or fewer|up to|unter|bis|weniger als|oder weniger|moins de|ou moins|menos de"
    r"|o menos|ou menos|hasta|até|meno di|o meno|minder dan)\b|以内|以下|未満",
    re.IGNORECASE,
)
"""Makes a number in an option the upper end of a range."""
LEAST_MORE = Decimal("0.001")
_MORE_THAN = re.compile(
    r">(?!=)|\b(?:over|above|more than|über|mehr als|plus de|más de|mais de|più di|meer dan|powyżej|больше|более)\b", re.IGNORECASE
)
_OR_EQUAL = re.compile(r"=|\b(?:and|or) (?:over|above|more|equal)\b", re.IGNORECASE)
"""Of "over 10 years", 10 is none."""
ABOVE = re.compile(
    r"\d\s*k?\s*\+|[>≥]|\b(?:over|above|more than|at least|or more|and over|and more|über|ab|mehr als|plus de|más de|mais de|più di"
    r"|meer dan)\b|以上",
    re.IGNORECASE,
)
"""Makes it the lower end."""
_MORE_THAN = re.compile(
    r">(?!=)|\b(?:over|above|more than|über|mehr als|plus de|más de|mais de|più di|meer dan|powyżej|больше|более)\b", re.IGNORECASE
)
_OR_EQUAL = re.compile(r"=|\b(?:and|or) (?:over|above|more|equal)\b", re.IGNORECASE)
LEAST_MORE = Decimal("0.001")
"""By this, a range "over 10" begins above 10."""


def number(to_fill: FieldToFill) -> FillResult:
    """For `<input type=number>`: the only number in the value; a code or an address line only if it is digits throughout."""
    if to_fill.canonical in STREET_PARTS:  # `263-2` and `2632` are two houses
        return digits_only(fit_texts([to_fill.value.strip()], to_fill.field))
    if to_fill.row.answer is Answer.CODE or to_fill.canonical in NUMBERED_LINES:
        code = _PLUS_4.sub("", to_fill.value) if to_fill.canonical == "postal-code" else to_fill.value
        return digits_only(fit_texts([re.sub(r"[\s-]", "", code)], to_fill.field))
    found = number_of(to_fill.value, to_fill.canonical)
    return fit_texts([plain(found)], to_fill.field) if found is not None else NotFilled(Reason.NOT_A_NUMBER)


def digits_only(result: FillResult) -> FillResult:
    """Refuses a value that is not digits only: a number input would drop it."""
    is_number = isinstance(result, Filled) and result.value.isascii() and result.value.isdigit()
    return result if is_number or isinstance(result, NotFilled) else NotFilled(Reason.NOT_A_NUMBER)


def in_range(result: FillResult, field: FieldSlice) -> FillResult:
    """Refuses a number or a native date that is outside of the field's `min` and `max`, or not on its `step`."""
    if isinstance(result, NotFilled) or not (field.min or field.max or field.step):
        return result
    if field.kind == "number":
        fits = _is_in_range(_limit(result.value), field)
    elif field.kind in {"date", "month", "week"}:  # texts of one length are in the order of their dates
        bounds = [bound if len(bound) == len(result.value) else result.value for bound in (field.min, field.max)]
        fits = bounds[0] <= result.value <= bounds[1]
    else:
        fits = True
    return result if fits else NotFilled(Reason.OUT_OF_RANGE)


def _is_in_range(number: Decimal | None, field: FieldSlice) -> bool:
    least, most, step = _limit(field.min), _limit(field.max), _limit(field.step)
    if number is None:
        return True
    is_on_step = step is None or step <= 0 or (number - (least or 0)) % step == 0
    return is_on_step and (least is None or number >= least) and (most is None or number <= most)


def _limit(text: str) -> Decimal | None:
    """A number as HTML writes it; None for anything else, and for one too large to compute with."""
    return Decimal(text) if re.fullmatch(r"-?\d{1,12}(?:\.\d{1,12})?", text.strip(), re.ASCII) else None


def plain(number: Decimal) -> str:
    """A number as `<input type=number>` takes it: digits and a decimal point, no exponent, no trailing zeros."""
    return str(int(number)) if number == number.to_integral_value() else format(number.normalize(), "f")


def number_of(text: str, canonical: str) -> Decimal | None:
    """The only number in a text; None if there are none or several."""
    found = _numbers_of(text, canonical)
    return found[0] if len(found) == 1 else None


def _numbers_of(text: str, canonical: str) -> list[Decimal]:
    """Every number in a text, in order. The canonical id decides whether `60.000` is 60000 or 60."""
    plain_text = text.replace("–", " - ").replace("—", " - ")
    found = list(_NUMBER.finditer(plain_text))
    numbers = [_parsed(match.group(), canonical) for match in found]
    if about(canonical).answer is not Answer.MONEY:
        return numbers
    scales = [_scale_at(plain_text, match.end()) for match in found]
    if len(found) == 2 and scales[0] == 1 and numbers[0] < 1000:  # "500-700万円"
        scales[0] = scales[1]
    return [number * scale for number, scale in zip(numbers, scales, strict=True)]


def _scale_at(text: str, end: int) -> int:
    """What the word after a number that ends there multiplies it by: 100,000 for the `LPA` of `28 LPA`."""
    return next((scale for pattern, scale in _SCALES if pattern.match(text, end)), 1)


def _parsed(found: str, canonical: str) -> Decimal:
    digits = _SPACES.sub("", found).lower()
    is_grouped = about(canonical).answer is Answer.MONEY or ("," in digits and canonical != "gpa")
    return _decimal(digits.rstrip("k"), is_grouped) * (1000 if digits.endswith("k") else 1)


def _decimal(digits: str, is_grouped: bool) -> Decimal:
    """Digits with separators as a number. `is_grouped`: a single separator before three digits groups thousands."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return Decimal(digits)
    mark, whole, rest = digits[last], digits[:last], digits[last + 1 :]
    other = "," if mark == "." else "."
    is_thousands = other not in whole and (mark in whole or (len(rest) == 3 and is_grouped))
    whole = re.sub(r"[.,]", "", whole)
    return Decimal(whole + rest) if is_thousands else Decimal(f"{whole}.{rest}")


def range_option(canonical: str, value: str, options: Sequence[Option]) -> Option | None:
    """The option whose range contains the value; of two that share a bound, the one that starts there."""
    number = number_of(value, canonical)
    if number is None:
        return None
    ranges = [(bounds, option) for option in options if (bounds := _bounds(text_of(option), canonical)) is not None]
    containing = [(bounds[0], option) for bounds, option in ranges if bounds[0] <= number <= bounds[1]]
    return max(containing, key=lambda found: found[0])[1] if containing else None


def _bounds(text: str, canonical: str) -> tuple[Decimal | float, Decimal | float] | None:
    """The closed interval that a text describes; None if it describes none."""
    numbers = _numbers_of(text, canonical)
    if canonical == "years-of-experience" and _IN_MONTHS.search(text):
        if not _IN_YEARS.search(text):
            numbers = [number / MONTHS for number in numbers]
        elif len(numbers) == 2:  # "6 months - 1 year"
            numbers = [numbers[0] / MONTHS, numbers[1]]
        else:
            return None
    if len(numbers) == 2 and numbers[0] < 1000 <= numbers[1] and text.lower().count("k") == 1:  # "30-40k"
        numbers = [numbers[0] * 1000, numbers[1]]
    if len(numbers) == 2 and numbers[0] <= numbers[1]:
        return numbers[0], numbers[1]
    if len(numbers) != 1:
        return None
    if BELOW.search(text):
        return -math.inf, numbers[0]
    if _MORE_THAN.search(text) and not _OR_EQUAL.search(text):
        return numbers[0] + LEAST_MORE, math.inf
    return (numbers[0], math.inf) if ABOVE.search(text) else (numbers[0], numbers[0])
