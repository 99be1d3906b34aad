"""The date format a field expects: shown in letters (`DD/MM/YYYY`, `TT.MM.JJJJ`) or by an example, or the only one its pattern allows.

A new language's letters go into `_LETTERS`, another format that patterns are tried against into `COMMON`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

from babel import Locale, UnknownLocaleError

from fieldwise_common.wire import FieldSlice
from fieldwise_inference.fill.dates.values import PartialDate
from fieldwise_inference.fill.fit import allows
from fieldwise_inference.fill.names import month_names

Letter = Literal["D", "M", "Y"]


@dataclass(frozen=True, slots=True)
class DateFormat:
    """Parts in order, each a letter and how often it is repeated (`D2 M2 Y4`), and what stands between and after them."""

    parts: tuple[tuple[Letter, int], ...]
    separators: tuple[str, ...]

    def render(self, date: PartialDate) -> str | None:
        """The date in this format; None if a part that the format needs is unknown."""
        values: list[str] = []
        for letter, width in self.parts:
            number = {"D": date.day, "M": date.month, "Y": date.year}[letter]
            if number is None:
                return None
            values.append(_render_part(letter, width, number))
        pairs = zip(values, (*self.separators, ""), strict=False)
        return "".join(value + separator for value, separator in pairs)


def _render_part(letter: Letter, width: int, number: int) -> str:
    if letter == "Y":
        return f"{number % 100:02d}" if width == 2 else f"{number:04d}"
    if letter == "M" and width >= 3:
        wide, short = month_names(number)
        return short if width == 3 else wide
    return f"{number:0{min(width, 2)}d}"


def from_letters(text: str) -> DateFormat:
    """`DD/MM/YYYY` as a format, for the tables below: starts with a letter, and knows no letters but D, M and Y."""
    parts: list[tuple[Letter, int]] = []
    separators: list[str] = []
    for char in text:
        letter: Letter | None = "D" if char == "D" else "M" if char == "M" else "Y" if char == "Y" else None
        if letter is None:
            separators[-1] += char
        elif parts and parts[-1][0] == letter and not separators[-1]:
            parts[-1] = (letter, parts[-1][1] + 1)
        else:
            parts.append((letter, 1))
            separators.append("")
    return DateFormat(tuple(parts), tuple(separators))


ISO = from_letters("YYYY-MM-DD")
ISO_MONTH = from_letters("YYYY-MM")
ISO_YEAR = from_letters("YYYY")
COMMON = tuple(
    from_letters(text)
    for text in (
        *("YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD", "YYYY.MM.DD"),
        *("DDMMYYYY", "MMDDYYYY", "YYYYMMDD", "DD/MM/YY", "MM/DD/YY", "MM/YYYY", "YYYY-MM", "MM-YYYY", "MM.YYYY", "MM/YY", "YYYY"),
    )
)
"""The formats that patterns are tried against."""
OTHER_CALENDARS = frozenset({"AF", "ET", "IR", "SA", "TH"})
"""Countries, by ISO 3166 code, whose forms may mean years of another calendar."""

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
    rf"(?<!\w)([{_LETTER_SET}]{{1,4}})(?:(\s?[./\-年月日]\s?|\s)([{_LETTER_SET}]{{1,4}}))?(?:(\s?[./\-]\s?|\s)([{_LETTER_SET}]{{1,4}}))?(?!\w)"
)
_COMPACT = re.compile(rf"(?<!\w)[{_LETTER_SET}]{{6,8}}(?!\w)")
_EXAMPLE = re.compile(r"(?<!\d)(\d{1,4})\s?([./\-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?!\d)")
_EXAMPLE_MONTH = re.compile(r"(?<![\d./\-])(0?[1-9]|1[0-2])([./\-])(\d{4})(?![\d./\-])")
_MONTH_NAME = re.compile(r"\bmmm\b", re.IGNORECASE)
_TWO_DIGITS = re.compile(r"\b(\w)\1\b|\b0\d\b")


@lru_cache(maxsize=256)
def local_format(tag: str) -> DateFormat | None:
    """How CLDR writes a date in figures for a language tag with a country, with four digits for the year: `DD.MM.YYYY` for `de-AT`.

    None without a country, as one language is written differently in two of them, for a tag that CLDR does not have, and where years may
    be counted otherwise.
    """
    try:
        locale = Locale.parse(tag.lower().replace("_", "-").replace("no-", "nb-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    if not (locale.territory or "").isalpha() or locale.territory in OTHER_CALENDARS:  # `001` is the world
        return None
    letters = re.sub(r"([dMy])\1*", lambda found: {"d": "DD", "M": "MM", "y": "YYYY"}[found[1]], locale.date_formats["short"].pattern)
    plain = re.sub(r"[^DMY./-]", "", letters).strip("./-")
    return from_letters(plain) if plain[:1] in {"D", "M", "Y"} else None


def shown_format(field: FieldSlice) -> DateFormat | None:
    """The format that a field's placeholder or label shows; None if neither does, or if an example is ambiguous."""
    texts = (field.placeholder, field.label)
    in_letters = (found for text in texts if (found := _in_letters(text)))
    by_example = (found for text in texts if (found := _by_example(text)))
    return next(in_letters, None) or next(by_example, None)


def _in_letters(text: str) -> DateFormat | None:
    plain = text.casefold()
    for found in _COMPACT.finditer(plain):
        parts = _parts_of([(char, len(list(group))) for char, group in groupby(found.group())])
        if parts is not None and len(parts) > 1 and all(length >= 2 for _, length in parts):
            return DateFormat(parts, ("",) * len(parts))
    for found in _SPELLED.finditer(plain):
        groups = [group for group in (found.group(1), found.group(3), found.group(5)) if group]
        if all(len(set(group)) == 1 for group in groups):
            parts = _parts_of([(group[0], len(group)) for group in groups])
            if parts is not None:
                return DateFormat(parts, tuple(separator.strip() or " " for separator in (found.group(2), found.group(4)) if separator))
    return None


def _parts_of(runs: list[tuple[str, int]]) -> tuple[tuple[Letter, int], ...] | None:
    """The parts that runs of one letter stand for; None if they are not a date."""
    certain = {_LETTERS[char] for char, _ in runs if char in _LETTERS}
    parts: list[tuple[Letter, int]] = []
    for char, length in runs:
        if char == "j":
            letter: Letter = "Y" if length >= _FULL_YEAR or "D" in certain else "D"
        elif char == "a":
            letter = "Y" if length >= _FULL_YEAR or "Y" not in certain else "M"
        else:
            letter = _LETTERS[char]
        parts.append((letter, length))
    letters = [letter for letter, _ in parts]
    is_date = len(set(letters)) == len(letters) and letters != ["D"]
    is_spelled_out = all(length >= 2 for _, length in parts) or len(parts) == 3
    return tuple(parts) if is_date and is_spelled_out else None


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


def allowed_format(field: FieldSlice) -> DateFormat | None:
    """The one common format that the field's pattern allows; None without a pattern, or if it allows parts in several orders."""
    if not field.pattern:
        return None
    allowed = [form for form in COMMON if allows(field.pattern, str(form.render(_PROBE)))]
    whole_dates = [form for form in allowed if len(form.parts) == 3] or allowed
    orders = {tuple(letter for letter, _ in form.parts) for form in whole_dates}
    return whole_dates[0] if len(orders) == 1 and len(allowed) < len(COMMON) else None


_PROBE = PartialDate(1999, 12, 31)
"""31 can't be a month, so a pattern that tells days from months allows it in one order only."""


def shows_month_name(field: FieldSlice) -> bool:
    """Whether a box for a month shows that it expects a name (`MMM`)."""
    return bool(_MONTH_NAME.search(field.placeholder))


def shows_two_digits(field: FieldSlice) -> bool:
    """Whether a box for a day or a month shows, or has room for, exactly two digits (`DD`, `04`)."""
    return field.maxlength == 2 or bool(_TWO_DIGITS.search(field.placeholder))
