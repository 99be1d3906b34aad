"""`<input type=number>`: digits and a decimal point, or nothing."""

import re

from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.fitting import fit_texts
from fieldwise_inference.fill.knowledge.numbers import number_of, plain
from fieldwise_inference.fill.outcome import Answer, Outcome, Reason, Refusal

CODE_IDS = frozenset({"postal-code", "address-line2", "address-line3"})
"""Digits that are names: their leading zeros stay."""


def digits_only(outcome: Outcome) -> Outcome:
    """An answer that a number box would drop, refused."""
    is_number = isinstance(outcome, Answer) and outcome.value.isascii() and outcome.value.isdigit()
    return outcome if is_number or isinstance(outcome, Refusal) else Refusal(Reason.NOT_A_NUMBER)


def number(blank: Blank) -> Outcome:
    """The one number the value holds; a code only when it is digits throughout."""
    if blank.canonical in CODE_IDS:
        return digits_only(fit_texts([re.sub(r"[\s-]", "", blank.value)], blank.field))
    found = number_of(blank.value, blank.canonical)
    return fit_texts([plain(found)], blank.field) if found is not None else Refusal(Reason.NOT_A_NUMBER)
