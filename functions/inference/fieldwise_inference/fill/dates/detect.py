"""The date format a field shows: in letters (`DD/MM/YYYY`, `TT.MM.JJJJ`), by an example, or by what its pattern admits."""

import re
from itertools import groupby

from fieldwise_common.wire import FieldSlice
from fieldwise_inference.fill.dates.date_format import COMMON, DateFormat, Letter
from fieldwise_inference.fill.dates.partial_date import PartialDate
from fieldwise_inference.fill.pattern import allows

_LETTERS: dict[str, Letter] = {
    **dict.fromkeys("dtgpznдηд日일", "D"),
    **dict.fromkeys("mklhмμ月월", "M"),
    **dict.fromkeys("yårvéгεр年년", "Y"),
}
"""By the first letters of day, month and year: tt (German), gg (Italian, Turkish), pp kk vvvv (Finnish), zz ll (Romanian),
éééé hh nn (Hungarian), дд мм гггг, ηη μμ εεεε, rrrr (Polish). `j` and `a` depend on their neighbours."""
_FULL_YEAR = 3
_LETTER_SET = "".join(_LETTERS) + "ja"
_SPELLED = re.compile(
    rf"(?<!\w)([{_LETTER_SET}]{{1,4}})(?:(\s?[./\-年월日]\s?|\s)([{_LETTER_SET}]{{1,4}}))?(?:(\s?[./\-]\s?|\s)([{_LETTER_SET}]{{1,4}}))?(?!\w)"
)
_COMPACT = re.compile(rf"(?<!\w)[{_LETTER_SET}]{{6,8}}(?!\w)")
_EXAMPLE = re.compile(r"(?<!\d)(\d{1,4})\s?([./\-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?!\d)")
_EXAMPLE_MONTH = re.compile(r"(?<![\d./\-])(0?[1-9]|1[0-2])([./\-])(\d{4})(?![\d./\-])")


def _letters_of(runs: list[tuple[str, int]]) -> tuple[tuple[Letter, int], ...] | None:
    """What each run of one letter stands for; None when that makes no date."""
    sure = {_LETTERS[char] for char, _ in runs if char in _LETTERS}
    parts: list[tuple[Letter, int]] = []
    for char, length in runs:
        if char == "j":
            letter: Letter = "Y" if length >= _FULL_YEAR or "D" in sure else "D"
        elif char == "a":
            letter = "Y" if length >= _FULL_YEAR or "Y" not in sure else "M"
        else:
            letter = _LETTERS[char]
        parts.append((letter, length))
    letters = [letter for letter, _ in parts]
    is_date = len(set(letters)) == len(letters) and letters != ["D"]
    is_written_out = all(length >= 2 for _, length in parts) or len(parts) == 3
    return tuple(parts) if is_date and is_written_out else None


def _runs(text: str) -> list[tuple[str, int]]:
    return [(char, len(list(group))) for char, group in groupby(text)]


def _in_letters(text: str) -> DateFormat | None:
    plain = text.casefold()
    for found in _COMPACT.finditer(plain):
        parts = _letters_of(_runs(found.group()))
        if parts is not None and len(parts) > 1 and all(length >= 2 for _, length in parts):
            return DateFormat(parts, ("",) * len(parts))
    for found in _SPELLED.finditer(plain):
        groups = [group for group in (found.group(1), found.group(3), found.group(5)) if group]
        if all(len(set(group)) == 1 for group in groups):
            parts = _letters_of([(group[0], len(group)) for group in groups])
            if parts is not None:
                return DateFormat(parts, tuple(separator.strip() or " " for separator in (found.group(2), found.group(4)) if separator))
    return None


def _by_example(text: str) -> DateFormat | None:
    found = _EXAMPLE.search(text)
    if found is None:
        month = _EXAMPLE_MONTH.search(text)
        return DateFormat((("M", 2), ("Y", 4)), (month.group(2),)) if month else None
    first, mark, second, third = found.groups()
    both = (mark, mark)
    if len(first) == 4:
        return DateFormat((("Y", 4), ("M", len(second)), ("D", min(len(third), 2))), both)
    if len(third) != 4 or len(first) > 2:
        return None
    is_day_first = int(first) > 12 or (mark == "." and int(second) <= 12)
    is_month_first = int(second) > 12 >= int(first)
    if is_day_first == is_month_first:
        return None
    day_month: tuple[tuple[Letter, int], ...] = (("D", len(first)), ("M", len(second)))
    month_day: tuple[tuple[Letter, int], ...] = (("M", len(first)), ("D", len(second)))
    return DateFormat((*(day_month if is_day_first else month_day), ("Y", 4)), both)


def shown_format(field: FieldSlice) -> DateFormat | None:
    """The format a field's placeholder or label shows; None when neither does, or an example could be read two ways."""
    texts = (field.placeholder, field.label)
    return (
        next((found for text in texts if (found := _in_letters(text))), None) or _by_example(field.placeholder) or _by_example(field.label)
    )


def admitted_format(field: FieldSlice) -> DateFormat | None:
    """The one common format that the pattern admits for any day; None without a pattern, or when it admits several orders."""
    if not field.pattern:
        return None
    admitted = [form for form in COMMON if allows(field.pattern, str(form.render(_PROBE)))]
    wholes = [form for form in admitted if len(form.parts) == 3] or admitted
    orders = {tuple(letter for letter, _ in form.parts) for form in wholes}
    return wholes[0] if len(orders) == 1 and len(admitted) < len(COMMON) else None


_PROBE = PartialDate(1999, 12, 31)
"""No day of another month: a pattern that tells days from months admits it in one order only."""
