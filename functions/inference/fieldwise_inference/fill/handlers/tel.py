"""Phone numbers: whole or in parts, in the format a box shows or has room for, and dial codes among options."""

import re
from collections.abc import Sequence

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberFormat, format_number, national_significant_number

from fieldwise_common.canonical import Answer
from fieldwise_common.countries import country_code
from fieldwise_common.wire import Option
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit_texts
from fieldwise_inference.fill.handlers.number import digits_only
from fieldwise_inference.fill.options import text_of
from fieldwise_inference.fill.result import FillResult

MIN_SLOTS = 6
"""A placeholder with fewer slots for digits is not an example of a phone number."""
NO_TRUNK_PREFIX = frozenset({7, 91})
"""Dial codes of countries where people also write their numbers as ten digits, without the prefix of calls within the country."""
NORTH_AMERICA = 1

_SLOT = re.compile(r"[\dXx#_]")
_EXAMPLE = re.compile(r"[\dXx#_()\s.\-/]+")
_DIAL_CODE = re.compile(r"(?:\+|\b00)\s?(\d{1,4})(?!\d)")
_BARE_CODE = re.compile(r"\D*(\d{1,4})\D*")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_NAME = re.compile(r"[^()+\d]{2,}")
_FLAG_BASE = 0x1F1E6 - ord("A")


def tel(to_fill: FieldToFill) -> FillResult:
    """For a text or number box: a whole number or a part of one, in the format shown if there is one."""
    value = to_fill.value.strip()
    shown = to_fill.field.placeholder.strip()
    has_code_beside = "tel-country-code" in to_fill.beside and not shown.startswith("+")
    number = _whole_number(to_fill, value, has_code_beside)
    if to_fill.field.kind == "number":
        texts = [_digits(value)] if number is None else _all_digits(number)
        return digits_only(fit_texts([_significant(number), *texts] if number and has_code_beside else texts, to_fill.field))
    digits = _digits(value)
    if number is not None:
        ways = _after_dial_code(number, shown) if has_code_beside else _whole(number, shown)
        return fit_texts([*ways, *([_significant(number)] if number.country_code in NO_TRUNK_PREFIX else ())], to_fill.field)
    if to_fill.row.answer is Answer.DIAL_CODE:
        return fit_texts([f"+{digits}", digits, f"00{digits}"], to_fill.field)
    if to_fill.canonical == "tel-area-code" and not has_code_beside and to_fill.profile.get("tel-national", "").startswith(f"0{digits}"):
        return fit_texts([f"0{digits}", digits], to_fill.field)
    return fit_texts([*_as_shown(digits, shown), value, digits], to_fill.field)


def _whole_number(to_fill: FieldToFill, value: str, has_code_beside: bool) -> PhoneNumber | None:
    """The number of a field for a whole one; also of one for a national number whose prefix is in doubt."""
    if to_fill.row.answer is Answer.TEL:
        return _parsed(value, to_fill.home_country)
    return (
        _parsed(to_fill.profile.get("tel", ""), to_fill.home_country) if to_fill.canonical == "tel-national" and has_code_beside else None
    )


def _parsed(value: str, home_country: str | None) -> PhoneNumber | None:
    """A number without a dial code is read as one of the home country; None for what can't be a number."""
    try:
        number = phonenumbers.parse(value, home_country)
    except phonenumbers.NumberParseException:
        return None
    number.extension = None  # forms ask for it in a box of its own, if at all
    return number if phonenumbers.is_possible_number(number) else None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def all_digits(value: str, home_country: str | None) -> list[str]:
    """The digits of a whole number, national and international; of a text that is no whole number, its digits as they are."""
    number = _parsed(value, home_country)
    return [_digits(value)] if number is None else _all_digits(number)


def _all_digits(number: PhoneNumber) -> list[str]:
    """The digits of the national and of the international number."""
    return [_digits(format_number(number, form)) for form in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.E164)]


def _significant(number: PhoneNumber) -> str:
    """The digits after the dial code, without the prefix of calls within the country: `1712345678` of `0171 2345678`."""
    return str(national_significant_number(number))


def _after_dial_code(number: PhoneNumber, shown: str) -> list[str]:
    """Ways to write a number beside a field for its dial code, which must not be repeated."""
    digits = _significant(number)
    return [*_as_shown(digits, shown), digits, *_all_digits(number)]


def _whole(number: PhoneNumber, shown: str) -> list[str]:
    """Ways to write a whole number, the best first: as the placeholder shows, international, national, digits."""
    national = format_number(number, PhoneNumberFormat.NATIONAL)
    e164 = format_number(number, PhoneNumberFormat.E164)
    international = format_number(number, PhoneNumberFormat.INTERNATIONAL)
    spaced = [international] if shown.startswith("+") and " " in shown else []
    groups = re.findall(r"\d+", national)
    grouped = [separator.join(groups) for separator in "-. "]
    digits = _all_digits(number)
    is_like_ours = number.country_code == NORTH_AMERICA or not digits[0].startswith("0") or _groups(shown) != [3, 3, 4]
    as_shown = _as_shown(digits[0], shown) if is_like_ours else []
    return [*as_shown, *spaced, e164, national, *digits, *grouped, f"00{digits[1]}", international]


def _groups(shown: str) -> list[int]:
    return [len(group) for group in re.findall(rf"{_SLOT.pattern}+", shown)]


def _as_shown(digits: str, shown: str) -> list[str]:
    """The digits in the slots of a placeholder such as `(555) 555-5555`, if there are as many."""
    slots = len(_SLOT.findall(shown))
    if not _EXAMPLE.fullmatch(shown) or slots < MIN_SLOTS or slots != len(digits):
        return []
    left = iter(digits)
    return [_SLOT.sub(lambda _: next(left), shown)]


def dial_code_option(value: str, options: Sequence[Option], home_country: str | None) -> Option | None:
    """The option with the value's dial code: `+49`, `Germany (+49)`, `🇩🇪 +49`, or just a country.

    If several countries share the code, the home country's option, else the largest country's.
    """
    wanted = _dial_code(value)
    if wanted is None:
        return None
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(wanted), ())
    likely = [code for code in (home_country, *regions[:1]) if code in regions]
    has_codes = any("+" in option.text + option.value or _dial_code(text_of(option)) for option in options)
    if has_codes:
        sharing = [o for o in options if wanted in (_dial_code(o.text), _dial_code(o.value))]
    else:
        sharing = [o for o in options if _country(o) in likely]
    by_country = (option for code in likely for option in sharing if _country(option) == code)
    return next(by_country, None) or (sharing[0] if sharing else None)


def _dial_code(text: str) -> str | None:
    """The digits of a dial code; None for a text without one."""
    found = _DIAL_CODE.search(text) or _BARE_CODE.fullmatch(text)
    return found.group(1) if found else None


def _country(option: Option) -> str | None:
    """The alpha-2 code of the country an option names, by flag, name or code."""
    flag = _FLAG.search(option.text)
    if flag:
        return "".join(chr(ord(char) - _FLAG_BASE) for char in flag.group())
    names = (found.group().strip(" -–,") for text in (option.text, option.value) for found in _NAME.finditer(text))
    return next((code for code in map(country_code, names) if code), None)
