"""The HTML `pattern` attribute, against patterns that are wrong, or made to cost time or memory."""

import re
from functools import lru_cache

import regex

from fieldwise_common.wire import MAX_TEXT

TIMEOUT_SECONDS = 0.02
MAX_VALUE = 4096
"""Characters of a value that are matched at most; a longer one is taken to match."""
MAX_SIZE = 10_000
"""Nodes a pattern may unfold to: the compiler writes `(a{100}){100}` out, at 0.4 µs and some bytes a node."""

_PIECES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(,(\d*))?\}|.", re.DOTALL)


def unfolded_size(pattern: str) -> int:
    """How many nodes the bounded repetitions of a pattern come to when written out."""
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


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> "regex.Pattern[str] | None":
    """The pattern, or None for one that can't be relied on: cut on its way here, too large, or not a regular expression."""
    if not pattern or len(pattern) >= MAX_TEXT or unfolded_size(pattern) > MAX_SIZE:
        return None
    try:
        return regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError):
        return None


def allows(pattern: str, value: str) -> bool:
    """Whether the whole of `value` matches, as browsers check it; a pattern that can't be checked allows everything, as invalid ones do."""
    compiled = _compiled(pattern)
    if compiled is None or len(value) > MAX_VALUE:
        return True
    try:
        return compiled.fullmatch(value, timeout=TIMEOUT_SECONDS) is not None
    except TimeoutError:
        return True
