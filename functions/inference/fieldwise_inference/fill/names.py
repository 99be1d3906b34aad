"""Names of languages and months in the languages forms are written in (from CLDR through Babel), and how names are compared."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from babel import Locale

from fieldwise_common.countries import FORM_LANGUAGES
from fieldwise_inference.classify.text import normal_form

ENGLISH = "en"

_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")
_INITIALS = re.compile(r"\b(?:\w )+\w\b")

NamesOf = Callable[[Locale], Iterable[tuple[str, str]]]
"""The (name, code) pairs of a locale."""


def key(text: str) -> str:
    """A text for comparison, without case, accents, apostrophes and punctuation; initials are joined, so `U.S.A.` becomes `usa`."""
    plain = normal_form(text.translate(_APOSTROPHES))
    return _INITIALS.sub(lambda found: found.group().replace(" ", ""), plain) if " " in plain else plain


def language(name: str) -> str | None:
    """The ISO 639 code of a language's name in any of the languages; `name` is a key."""
    return _lookup(name, _languages)


def month(text: str) -> int | None:
    """1..12 for a month's name, abbreviation or number (`3`, `03`, `3月`, `tháng 3`, `03 - March`); None for anything else."""
    numbers = re.findall(r"\d+", text)
    if len(numbers) == 1 and len(numbers[0]) <= 2:
        return int(numbers[0]) if 1 <= int(numbers[0]) <= 12 else None
    return month_by_name(text) if not numbers else None


def month_by_name(text: str) -> int | None:
    """1..12 for a text that is, or contains, the name or abbreviation of one month in any of the languages; None for anything else."""
    name = key(text)
    whole = _named_month(name)
    if whole is not None:
        return whole
    named = {_named_month(word) for word in name.split()} - {None} if " " in name else set()
    return next(iter(named)) if len(named) == 1 else None


def month_names(number: int) -> tuple[str, str]:
    """A month's English name and its abbreviation; `number` is 1..12."""
    names = Locale.parse(ENGLISH).months["format"]
    return str(names["wide"][number]), str(names["abbreviated"][number])


def _named_month(name: str) -> int | None:
    found = None if name.isdigit() else _lookup(name, _months)
    return int(found) if found else None


def _lookup(name: str, names_of: NamesOf) -> str | None:
    return _in_english(names_of).get(name) or _in_all_languages(names_of).get(name)


@lru_cache(maxsize=8)
def _in_english(names_of: NamesOf) -> Mapping[str, str]:
    return _index(names_of(Locale.parse(ENGLISH)))


@lru_cache(maxsize=8)
def _in_all_languages(names_of: NamesOf) -> Mapping[str, str]:
    """Loaded only when a name is not English, because it takes a third of a second."""
    return _index(pair for language in FORM_LANGUAGES for pair in names_of(Locale.parse(language)))


def _index(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Codes by the key of their name; a key with two codes is left out."""
    found: dict[str, str] = {}
    ambiguous = set()
    for text, code in pairs:
        name = key(text)
        if name and found.setdefault(name, code) != code:
            ambiguous.add(name)
    return {name: code for name, code in found.items() if name not in ambiguous}


def _languages(locale: Locale) -> Iterable[tuple[str, str]]:
    return ((name, code) for code, name in locale.languages.items() if len(code) in (2, 3))


def _months(locale: Locale) -> Iterable[tuple[str, str]]:
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            yield from ((name, str(month)) for month, name in locale.months[context][width].items())
