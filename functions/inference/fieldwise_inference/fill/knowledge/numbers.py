"""Numbers as people write them: currency signs, thousands, decimal commas, `85k`."""

import re
from decimal import Decimal

MONEY_IDS = frozenset({"desired-salary", "current-salary"})

_NUMBER = re.compile(r"(?<![\w.,])-?\d[\d.,'’\s\u00a0\u202f]*(?<=\d)(?:\s?k\b)?(?!\d)|(?<![\d.,])\d[\d.,]*(?<=\d)(?:k\b)?", re.IGNORECASE)
_SPACES = re.compile(r"[\s'’\u00a0\u202f]")


def _decimal(written: str, is_grouped: bool) -> Decimal:
    """Digits with separators as a number. `is_grouped`: a lone separator before three digits groups thousands."""
    last = max(written.rfind("."), written.rfind(","))
    if last < 0:
        return Decimal(written)
    mark, whole, rest = written[last], written[:last], written[last + 1 :]
    other = "," if mark == "." else "."
    is_thousands = other not in whole and (mark in whole or (len(rest) == 3 and is_grouped))
    digits = re.sub(r"[.,]", "", whole)
    return Decimal(digits + rest) if is_thousands else Decimal(f"{digits}.{rest}")


def _parsed(found: str, canonical: str) -> Decimal:
    plain = _SPACES.sub("", found).lower()
    thousands = plain.endswith("k")
    is_grouped = canonical in MONEY_IDS or ("," in plain and canonical != "gpa")
    return _decimal(plain.rstrip("k"), is_grouped) * (1000 if thousands else 1)


def numbers_of(text: str, canonical: str) -> list[Decimal]:
    """Every number in a text, in order; what it means decides what `60.000` is."""
    return [_parsed(found.group(), canonical) for found in _NUMBER.finditer(text.replace("–", " - ").replace("—", " - "))]


def number_of(text: str, canonical: str) -> Decimal | None:
    """The one number a text holds; None when it holds none, or several."""
    found = numbers_of(text, canonical)
    return found[0] if len(found) == 1 else None


def plain(number: Decimal) -> str:
    """A number as an `<input type=number>` takes it: digits and a decimal point, no exponent, no needless zeros."""
    return str(int(number)) if number == number.to_integral_value() else format(number.normalize(), "f")
