"""Names of countries, languages and months in the languages forms are written in, from CLDR through Babel."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from babel import Locale

from fieldwise_inference.fill.knowledge.keys import key

ENGLISH = "en"
LANGUAGES = "de fr es pt it nl da nb sv fi pl cs sk hu ro bg ru uk tr el he ar hi bn id ms vi th ja ko zh zh_Hant ca".split()
"""Croatian is left out: its `listopad` is October, where the Czech and the Polish one is November."""


def _index(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """What each key stands for; a key that stands for two things is left out."""
    found: dict[str, str] = {}
    doubtful = set()
    for text, meaning in pairs:
        name = key(text)
        if name and found.setdefault(name, meaning) != meaning:
            doubtful.add(name)
    return {name: meaning for name, meaning in found.items() if name not in doubtful}


def _territories(locale: Locale) -> Iterable[tuple[str, str]]:
    return ((name, code) for code, name in locale.territories.items() if len(code) == 2 and code.isalpha() and code != "ZZ")


def _languages(locale: Locale) -> Iterable[tuple[str, str]]:
    return ((name, code) for code, name in locale.languages.items() if len(code) in (2, 3))


def _months(locale: Locale) -> Iterable[tuple[str, str]]:
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            yield from ((name, str(month)) for month, name in locale.months[context][width].items())


def _lookup(name: str, names_of: Callable[[Locale], Iterable[tuple[str, str]]], english: Mapping[str, str]) -> str | None:
    return english.get(name) or _in_all(names_of).get(name)


@lru_cache(maxsize=8)
def _in_english(names_of: Callable[[Locale], Iterable[tuple[str, str]]]) -> Mapping[str, str]:
    return _index(names_of(Locale.parse(ENGLISH)))


@lru_cache(maxsize=8)
def _in_all(names_of: Callable[[Locale], Iterable[tuple[str, str]]]) -> Mapping[str, str]:
    """Read when English does not know a name, for it takes a third of a second."""
    return _index(pair for language in LANGUAGES for pair in names_of(Locale.parse(language)))


def territory(name: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country's name in any of the languages; `name` is a key."""
    return _lookup(name, _territories, _in_english(_territories))


def language(name: str) -> str | None:
    """The ISO 639 code of a language's name in any of the languages; `name` is a key."""
    return _lookup(name, _languages, _in_english(_languages))


def month(name: str) -> int | None:
    """The month (1..12) of a name or abbreviation in any of the languages; `name` is a key."""
    found = None if name.isdigit() else _lookup(name, _months, _in_english(_months))
    return int(found) if found else None


def month_names(number: int) -> tuple[str, str]:
    """A month's English name and its abbreviation."""
    names = Locale.parse(ENGLISH).months["format"]
    return str(names["wide"][number]), str(names["abbreviated"][number])
