"""The values of the wire format: texts, numbers and flags as pages have them, read leniently."""

import math
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

MAX_TEXT = 512
"""Characters that are read of any text of a field."""
MAX_REFERENCE = 4096
"""Characters of a selector or an option's value; more than of a text, because clients get them back and must recognise them."""
MAX_ENTRY = 100
"""Repeated blocks beyond this are not numbered: no profile has as many entries."""
LARGEST_NUMBER = 10**9
"""Larger numbers are ignored: no length or text of a page is that large."""


def _plain(value: object) -> str:
    """A scalar as text without NUL and lone surrogates; "" for anything else, because only the selector is required."""
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < LARGEST_NUMBER):
        value = str(value)
    return value.encode("utf-8", "replace").decode().replace("\x00", "") if isinstance(value, str) else ""


def _as_text(value: object) -> str:
    """A text of the page, trimmed and cut at `MAX_TEXT`."""
    return _plain(value)[:MAX_TEXT].strip()


def _as_reference(value: object) -> str:
    """A text that is returned to the client, so it is not trimmed."""
    return _plain(value)[:MAX_REFERENCE]


def _as_maxlength(value: object) -> object:
    """A positive integer, else None: the DOM uses -1 for "no limit", and pages may contain anything."""
    if isinstance(value, str):
        value = int(value) if value.strip().isdecimal() and len(value) < 9 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return int(value) if 0 < value < LARGEST_NUMBER else None


def _as_entry(value: object) -> object:
    """The number of a repeated block, from 1; None for anything else."""
    number = _as_maxlength(value)
    return number if isinstance(number, int) and number <= MAX_ENTRY else None


def _as_flag(value: object) -> bool:
    """A boolean attribute of HTML, which arrives as true, "", "required" or null."""
    if isinstance(value, str):
        return value.strip().lower() not in {"false", "0", "no"}
    return bool(value) and isinstance(value, bool | int | float)


Text = Annotated[str, BeforeValidator(_as_text)]
Reference = Annotated[str, BeforeValidator(_as_reference)]


def _not_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


RequiredText = Annotated[Text, AfterValidator(_not_empty)]
RequiredReference = Annotated[Reference, AfterValidator(_not_empty)]
MaxLength = Annotated[int | None, BeforeValidator(_as_maxlength)]
Entry = Annotated[int | None, BeforeValidator(_as_entry)]
Flag = Annotated[bool, BeforeValidator(_as_flag)]
Score = Annotated[float, Field(allow_inf_nan=False)]
