"""Joins a person's full name from its parts, and splits it into parts.

Splitting is a heuristic that suits most names: the family name is the last word and the particles before it ("van",
"de la"); in Chinese, Japanese or Korean script, and of Hungarians and Vietnamese at home, the family name comes first. A single word is
not split.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from fieldwise_backend.profile.schema import Name, WrittenName

PREFIXES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "mme", "sr", "sra"})
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"})
PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "da", "do", "dos", "di", "del", "della", "la", "le", "bin", "ibn", "al", "ter", "zu"}
)

TWO_SURNAMES = frozenset("ES MX CO CL PE VE EC BO CR GT HN SV NI PA PY DO CU PR".split())
"""Countries by ISO 3166-1 alpha-2 code where people have two surnames, the father's first."""

FAMILY_FIRST = frozenset({"HU", "VN"})
"""Countries by ISO 3166-1 alpha-2 code where people write the family name first, in Latin letters."""

_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of a full name; "" for a part it does not have."""

    prefix: str = ""
    given: str = ""
    additional: str = ""
    family: str = ""
    suffix: str = ""


def join_name(name: Name) -> str:
    """The parts as one name, without the prefix; "" if it has neither given nor family name."""
    if not name.given and not name.family:
        return ""
    if _EAST_ASIAN.search(name.family + name.given):
        return name.family + name.given
    family, _ = surnames(name, frozenset())
    return " ".join(part for part in (name.given, name.additional, family, name.suffix) if part)


def split_name(full: str, countries: frozenset[str] = frozenset()) -> NameParts:
    """The parts of a full name, which may also be written "Family, Given". `countries`: the user's."""
    family_first, comma, rest = full.partition(",")
    if comma and _bare(rest) not in SUFFIXES:
        given, _, additional = rest.strip().partition(" ")
        return NameParts(given=given, additional=additional, family=family_first.strip())
    words = full.replace(",", " ").split()
    prefix = words.pop(0) if len(words) > 1 and _bare(words[0]) in PREFIXES else ""
    suffix = words.pop() if len(words) > 2 and _bare(words[-1]) in SUFFIXES else ""
    if len(words) < 2:
        return NameParts(prefix=prefix, suffix=suffix)
    if _EAST_ASIAN.search(full):
        return NameParts(prefix, words[1], " ".join(words[2:]), words[0], suffix)
    if countries and countries <= FAMILY_FIRST:
        others = words[1:]
        given = others.pop(-1 if "VN" in countries else 0)
        return NameParts(prefix, given, " ".join(others), words[0], suffix)
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return NameParts(prefix, words[0], " ".join(words[1:start]), " ".join(words[start:]), suffix)


def parts_of_full(name: Name, countries: frozenset[str] = frozenset()) -> NameParts:
    """The parts of the profile's full name; without the second surname, if the profile has it apart. `countries`: the user's.

    A part that the profile has apart tells the order, wherever the user is from.
    """
    full = name.full.casefold()
    is_given_first = bool(name.given and full.startswith(name.given.casefold())) or bool(name.family and _ends_with(full, name.family))
    return split_name(_without_end(name.full, name.second_family), frozenset() if is_given_first else countries)


def surnames(name: Name, countries: frozenset[str]) -> tuple[str, str]:
    """The family name, with both surnames where there are two, and the second surname, "" if it is missing or not sure.

    `countries`: the user's, which tell whether the second word of a family name is a surname, and which part of a full name is one.
    """
    second = name.second_family
    family = name.family or parts_of_full(name, countries).family
    if second:
        return (family if _ends_with(family, second) else f"{family} {second}".strip()), second
    words = _surname_words(family)
    return family, words[1] if len(words) == 2 and countries & TWO_SURNAMES else ""


def _surname_words(family: str) -> list[str]:
    """The surnames of a family name, each with the particles before it; none if it has an "and" (`Ortega y Gasset` is one surname)."""
    surnames: list[str] = []
    particles: list[str] = []
    for word in family.split():
        if word.casefold() in {"y", "e", "i"}:
            return []
        particles.append(word)
        if word.casefold() not in PARTICLES | {"las", "los"}:
            surnames.append(" ".join(particles))
            particles = []
    return surnames if not particles else []


def _ends_with(text: str, end: str) -> bool:
    return f" {text}".casefold().endswith(f" {end}".casefold())


def _without_end(text: str, end: str) -> str:
    return text[: -len(end)].rstrip() if end and _ends_with(text, end) else text


def kana(name: Name) -> WrittenName:
    """How the name is read: as the profile has it, else the parts that are written in kana anyway; a full one from both parts."""
    own = parts_of_full(name)
    given = name.kana.given or _if(is_kana, name.given or own.given)
    family = name.kana.family or _if(is_kana, name.family or own.family)
    full = name.kana.full or (f"{family} {given}" if given and family else "") or _if(is_kana, name.full)
    return WrittenName(given=given, family=family, full=full)


def romanised(name: Name, countries: frozenset[str] = frozenset()) -> WrittenName:
    """The name in Latin letters: as the profile has it, else the parts that are written in them anyway; a full one from both parts.

    `countries`: the user's.
    """
    own = parts_of_full(name, countries)
    given = name.romanised.given or _if(is_latin, name.given or own.given)
    family = name.romanised.family or _if(is_latin, surnames(name, countries & FAMILY_FIRST)[0])
    whole = name.full or join_name(name)
    full = name.romanised.full or ("" if name.romanised.given or name.romanised.family else _if(is_latin, whole))
    full = full or (f"{given} {family}" if given and family else "")
    return WrittenName(given=given, family=family, full=full)


def is_kana(text: str) -> bool:
    """Whether all letters are hiragana or katakana, and there is one."""
    return _all_letters(text, ("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA"))


def is_latin(text: str) -> bool:
    """Whether all letters are Latin, and there is one."""
    return _all_letters(text, ("LATIN",))


def _all_letters(text: str, scripts: tuple[str, ...]) -> bool:
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and all(unicodedata.name(char, "").startswith(scripts) for char in letters)


def _if(is_so: Callable[[str], bool], text: str) -> str:
    return text if is_so(text) else ""


def _bare(word: str) -> str:
    return word.replace(".", "").strip().lower()
