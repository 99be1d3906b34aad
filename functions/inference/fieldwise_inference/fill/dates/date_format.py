"""How a field wants a date written, and writing it so."""

from dataclasses import dataclass
from typing import Literal

from fieldwise_inference.fill.dates.partial_date import PartialDate
from fieldwise_inference.fill.knowledge.locales import month_names

Letter = Literal["D", "M", "Y"]


@dataclass(frozen=True, slots=True)
class DateFormat:
    """Parts in order, each a letter and how many times it was written (`D2 M2 Y4`), and what stands between and after them."""

    parts: tuple[tuple[Letter, int], ...]
    separators: tuple[str, ...]

    def render(self, date: PartialDate) -> str | None:
        """The date in this format; None when it wants a part that is not known."""
        values: list[str] = []
        for letter, width in self.parts:
            number = {"D": date.day, "M": date.month, "Y": date.year}[letter]
            if number is None:
                return None
            values.append(_written(letter, width, number))
        pairs = zip(values, (*self.separators, ""), strict=False)
        return "".join(value + separator for value, separator in pairs)


def _written(letter: Letter, width: int, number: int) -> str:
    if letter == "Y":
        return f"{number % 100:02d}" if width == 2 else f"{number:04d}"
    if letter == "M" and width >= 3:
        wide, short = month_names(number)
        return short if width == 3 else wide
    return f"{number:0{min(width, 2)}d}"


def from_letters(text: str) -> DateFormat:
    """`DD/MM/YYYY` as a format; D, M, Y only, as the tables of this package write them."""
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
"""What patterns are tried against."""
