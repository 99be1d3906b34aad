"""The types of a profile's values, with the forms of input each accepts.

No message here repeats the input: messages are returned to the client and logged.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from fieldwise_common.wire_types import LARGEST_NUMBER

MAX_LINE = 512
MAX_PROSE = 10_000
MAX_STREET_LINES = 5

_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def _as_text(value: object) -> object:
    """Numbers of ordinary size as text, texts without NUL and lone surrogates; anything else is left for pydantic to refuse."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER:
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\x00", "").strip()
    return value


def _as_line(value: object) -> object:
    text = _as_text(value)
    return " ".join(text.split()) if isinstance(text, str) else text


def _as_answer(value: object) -> object:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return _as_line(value)


def _as_street(value: object) -> object:
    """Splits a street given as one text into its lines."""
    return tuple(line for line in value.splitlines() if line.strip()) if isinstance(value, str) else value


def _partial_date(value: str) -> str:
    """Checks that the value is a date `YYYY[-MM[-DD]]`, or "" for no date."""
    problem = ValueError("must be a date: YYYY, YYYY-MM or YYYY-MM-DD")
    if value and not _PARTIAL_DATE.fullmatch(value):
        raise problem
    try:
        date.fromisoformat((value + "-01-01")[:10] if value else "2000-01-01")
    except ValueError:
        raise problem from None
    return value


def _full_date(value: object) -> object:
    """Refuses numbers, which pydantic would read as seconds since 1970."""
    is_iso = isinstance(value, str) and _FULL_DATE.fullmatch(value)
    if value is not None and not isinstance(value, date) and not is_iso:
        raise ValueError("must be a date: YYYY-MM-DD")
    return value


def _email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise ValueError("must be an e-mail address")
    return value


Line = Annotated[str, BeforeValidator(_as_line), Field(max_length=MAX_LINE)]
"""One line; runs of white space become one space."""
Prose = Annotated[str, BeforeValidator(_as_text), Field(max_length=MAX_PROSE)]
"""Text of several lines."""
AnswerText = Annotated[str, BeforeValidator(_as_answer), Field(max_length=MAX_LINE)]
"""The answer to a question; true and false are stored as Yes and No."""
Email = Annotated[Line, AfterValidator(_email)]
PartialDate = Annotated[Line, AfterValidator(_partial_date)]
"""`YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
FullDate = Annotated[date | None, BeforeValidator(_full_date)]
Street = Annotated[tuple[Line, ...], BeforeValidator(_as_street), Field(max_length=MAX_STREET_LINES)]
"""The lines above the town, as on an envelope; a text with line breaks is accepted too."""
Lines = Annotated[tuple[Line, ...], Field(max_length=200)]
