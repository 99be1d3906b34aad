"""Joins a person's full name from its parts, and splits it into parts.

Splitting is a heuristic that suits most names: the family name is the last word and the particles before it ("van",
"de la"); in Chinese, Japanese or Korean script the family name comes first. A single word is not split.
"""

import re
from dataclasses import dataclass

from fieldwise_backend.profile.schema import Name

PREFIXES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "mme", "sr", "sra"})
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"})
PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "da", "do", "dos", "di", "del", "della", "la", "le", "bin", "ibn", "al", "ter", "zu"}
)

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
    return " ".join(part for part in (name.given, name.additional, name.family, name.suffix) if part)


def split_name(full: str) -> NameParts:
    """The parts of a full name, which may also be written "Family, Given"."""
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
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return NameParts(prefix, words[0], " ".join(words[1:start]), " ".join(words[start:]), suffix)


def _bare(word: str) -> str:
    return word.replace(".", "").strip().lower()
