"""The first of several ways to write a value that a field's `maxlength` and `pattern` allow.

A page's pattern may be invalid, or built to exhaust time or memory: it is size-checked before compiling and time-limited after.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import regex

from fieldwise_common.wire import FieldSlice
from fieldwise_common.wire_types import MAX_TEXT
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

TIMEOUT_SECONDS = 0.02
"""For one match of a pattern."""
MAX_MATCHED = 4096
"""Longer values (in characters) are not matched against a pattern but taken to match."""
MAX_NODES = 10_000
"""Largest expanded pattern: the compiler expands `(a{100}){100}`, at 0.4 µs and a few bytes a node."""

_PIECES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(,(\d*))?\}|.", re.DOTALL)


def fit_texts(texts: Sequence[str], field: FieldSlice) -> FillResult:
    """As `fit`, for texts without a caveat; duplicates are dropped."""
    return fit([Filled(text) for text in dict.fromkeys(texts)], field)


def fit(variants: Sequence[Filled], field: FieldSlice) -> FillResult:
    """The first variant that fits the field, so pass the best one first. A value is never cut to make it fit."""
    short = [variant for variant in variants if variant.value and is_short_enough(variant.value, field)]
    fitting = (variant for variant in short if allows(field.pattern, variant.value))
    return next(fitting, NotFilled(Reason.PATTERN_MISMATCH if short else Reason.TOO_LONG))


def is_short_enough(text: str, field: FieldSlice) -> bool:
    """Whether `text` is within the field's `maxlength`, if it has one."""
    return field.maxlength is None or utf16_length(text) <= field.maxlength


def utf16_length(text: str) -> int:
    """The length of a text as `maxlength` counts it: in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def allows(pattern: str, value: str) -> bool:
    """Whether the whole of `value` matches. As in a browser, a pattern that can't be checked allows everything."""
    compiled = _compiled(pattern)
    if compiled is None or len(value) > MAX_MATCHED:
        return True
    try:
        return compiled.fullmatch(value, timeout=TIMEOUT_SECONDS) is not None
    except TimeoutError:
        return True


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> "regex.Pattern[str] | None":
    """None for a pattern that is truncated (`MAX_TEXT`), too large, or not a regular expression."""
    if not pattern or len(pattern) >= MAX_TEXT or expanded_size(pattern) > MAX_NODES:
        return None
    try:
        return regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError):
        return None


def expanded_size(pattern: str) -> int:
    """The number of nodes of a pattern once its bounded repetitions are expanded."""
    levels = [0]
    last = 0
    for piece in _PIECES.finditer(pattern):
        text = piece.group()
        if text == "(":
            levels.append(0)
        elif text == ")" and len(levels) > 1:
            last = levels.pop()
            levels[-1] += last
        elif piece.group(1) is not None:
            times = max(int(piece.group(1)), int(piece.group(3) or 0), 1)
            levels[-1] += last * (times - 1)
            last *= times
        else:
            last = 1
            levels[-1] += 1
    return sum(levels)
