"""The values of the wire format: texts, numbers and flags as pages have them, read leniently."""

import math
import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

MAX_TEXT = 512
"""Characters that are read of any text of a field."""
MAX_WORD = 64
"""Characters that are read of a text that is a word or a number: the language of a field, its smallest value."""
MAX_REFERENCE = 4096
"""Characters of a selector or an option's value; more than of a text, because clients get them back and must recognise them."""
MAX_ENTRY = 100
"""Repeated blocks beyond this are not numbered: no profile has as many entries."""
_URL = re.compile(r"://|^\.{0,2}[/?]|^(?:data|javascript|mailto):", re.IGNORECASE)
"""An absolute URL, or one that is relative to the page's."""
LARGEST_NUMBER = 10**9
"""Larger numbers are ignored: no length or text of a page is that large."""


def _plain(value: object) -> str:
    """A scalar as text without NUL and lone surrogates; "" for anything else, because only the selector is required."""
    if isinstance(value, str):
        is_plain = value.isascii() and "\x00" not in value  # as nearly all are
        return value if is_plain else value.encode("utf-8", "replace").decode().replace("\x00", "")
    return str(value) if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < LARGEST_NUMBER) else ""


def _as_text(value: object) -> str:
    """A text of the page, trimmed and cut at `MAX_TEXT`."""
    return _plain(value)[:MAX_TEXT].strip()


def _as_word(value: object) -> str:
    """A short text or a finite number, trimmed and cut at `MAX_WORD`."""
    return "" if isinstance(value, float) and not math.isfinite(value) else _plain(value)[:MAX_WORD].strip()


def _as_reference(value: object) -> str:
    """A text that is returned to the client, so it is not trimmed."""
    return _plain(value)[:MAX_REFERENCE]


def _as_place(value: object) -> str:
    """A text that names a part of a page; of a URL, the origin alone, because its path and query can be private."""
    text = _as_text(value)
    return origin_of(text) if _URL.search(text) else text


def _as_maxlength(value: object) -> int | None:
    """A positive integer, else None: the DOM uses -1 for "no limit", and pages may contain anything."""
    if isinstance(value, str):
        value = int(value) if value.strip().isdecimal() and len(value) < 9 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return int(value) if 0 < value < LARGEST_NUMBER else None


def _as_entry(value: object) -> int | None:
    """The number of a repeated block, from 1; None for anything else."""
    number = _as_maxlength(value)
    return number if number is not None and number <= MAX_ENTRY else None


def as_count(value: object) -> int:
    """A number of things; 0 for anything else."""
    number = _as_maxlength(value)
    return number if number is not None else 0


def _as_flag(value: object) -> bool:
    """A boolean attribute of HTML, which arrives as true, "", "required" or null."""
    if isinstance(value, str):
        return value.strip().lower() not in {"false", "0", "no"}
    return bool(value) and isinstance(value, bool | int | float)


def _as_visibility(value: object) -> bool:
    """A flag that is true unless it is clearly false: a field that is taken for hidden is never filled."""
    return _as_flag(value) if isinstance(value, str | bool | int | float) else True


def _as_profile(value: object) -> object:
    """The scalars of a flat profile as texts, without nulls; other values are left for pydantic to refuse."""
    if not isinstance(value, Mapping):
        return value
    return {key: _as_answer(one) for key, one in value.items() if one is not None}


def _as_answer(value: object) -> object:
    """A scalar as a profile stores it: yes and no as words, a whole number without decimals."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return "" if not math.isfinite(value) else str(int(value)) if value.is_integer() else str(value)
    return str(value) if isinstance(value, int) else _plain(value) if isinstance(value, str) else value


def origin_of(url: str) -> str:
    """Scheme, host and port of a web URL; "" for any other text. Path, query and credentials are never logged."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host  # of an IPv6 address, so that the origin is itself a URL
    return f"{parts.scheme}://{named}{port}" if host and parts.scheme in {"http", "https"} else ""


Text = Annotated[str, BeforeValidator(_as_text)]
Word = Annotated[str, BeforeValidator(_as_word)]
Place = Annotated[str, BeforeValidator(_as_place)]
Reference = Annotated[str, BeforeValidator(_as_reference)]


def _not_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


RequiredText = Annotated[Text, AfterValidator(_not_empty)]
RequiredReference = Annotated[Reference, AfterValidator(_not_empty)]
MaxLength = Annotated[int | None, BeforeValidator(_as_maxlength)]
Entry = Annotated[int | None, BeforeValidator(_as_entry)]
Count = Annotated[int, BeforeValidator(as_count)]
Flag = Annotated[bool, BeforeValidator(_as_flag)]
Visibility = Annotated[bool, BeforeValidator(_as_visibility)]
FlatProfile = Annotated[dict[str, str], BeforeValidator(_as_profile)]
"""Values by canonical id; any JSON scalar is read as a text, and a null counts as absent."""
Score = Annotated[float, Field(allow_inf_nan=False)]
