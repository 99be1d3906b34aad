"""Telephone numbers, whole or in parts, in the shape the box shows or has room for."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, format_number

from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.fitting import fit_texts
from fieldwise_inference.fill.handlers.number import digits_only
from fieldwise_inference.fill.knowledge.countries import country_code
from fieldwise_inference.fill.outcome import Outcome

PART_IDS = frozenset("tel-country-code tel-national tel-area-code tel-local tel-local-prefix tel-local-suffix tel-extension".split())
TEL_IDS = PART_IDS | {"tel"}

_SLOT = re.compile(r"[\dXx#_]")
_SHAPE = re.compile(r"[\dXx#_()\s.\-/]+")
MIN_SHAPE = 6
"""Slots below which a placeholder is no picture of a number."""


def _parsed(blank: Blank) -> PhoneNumber | None:
    """The number, read with the profile's country where it has no dial code of its own; None for what can't be one."""
    home = country_code(blank.country) if blank.country else None
    try:
        number = phonenumbers.parse(blank.value, home)
    except phonenumbers.NumberParseException:
        return None
    number.extension = None  # it has a box of its own, or none
    return number if phonenumbers.is_possible_number(number) else None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _in_shape(digits: str, placeholder: str) -> list[str]:
    """The digits in the slots of a placeholder such as `(555) 555-5555`, where there are as many."""
    slots = len(_SLOT.findall(placeholder))
    if not _SHAPE.fullmatch(placeholder) or slots < MIN_SHAPE or slots != len(digits):
        return []
    left = iter(digits)
    return [_SLOT.sub(lambda _: next(left), placeholder)]


def _whole(blank: Blank, number: PhoneNumber) -> list[str]:
    """Ways to write a whole number, the best first: as shown, international, national, digits."""
    national = format_number(number, PhoneNumberFormat.NATIONAL)
    e164 = format_number(number, PhoneNumberFormat.E164)
    international = format_number(number, PhoneNumberFormat.INTERNATIONAL)
    shown = blank.field.placeholder.strip()
    shaped = _in_shape(_digits(national), shown)
    spaced = [international] if shown.startswith("+") and " " in shown else []
    digits = [_digits(national), _digits(e164)]
    groups = re.findall(r"\d+", national)
    grouped = [mark.join(groups) for mark in "-. "]
    whole = [*shaped, *spaced, e164, national, *digits, *grouped, f"00{digits[1]}", international]
    return digits if blank.kind == "number" else whole


def tel(blank: Blank) -> Outcome:
    """A whole number by its parts' rules; a part as digits, a dial code with its plus where there is room."""
    value = blank.value.strip()
    number = _parsed(blank) if blank.canonical == "tel" else None
    digits = _digits(value)
    if number is not None:
        variants = _whole(blank, number)
    elif blank.canonical == "tel-country-code":
        variants = [digits] if blank.kind == "number" else [f"+{digits}", digits, f"00{digits}"]
    else:
        variants = [digits] if blank.kind == "number" else [*_in_shape(digits, blank.field.placeholder.strip()), value, digits]
    outcome = fit_texts(variants, blank.field)
    return digits_only(outcome) if blank.kind == "number" else outcome
