"""Signatures: what a field is recognised by when its page is rendered again (docs/decisions/0007).

A signature is `<names>-<label>-<place>`, for people to read as much as for programs to compare:

- names: a hash of the name (of the id, if the name says nothing) without what changes from visit to visit, of the kind of
  field, and of the section that its `autocomplete` attribute names. It starts with `~` if neither says anything that could
  tell the field from others.
- label: a hash of the normalised label, or else of the placeholder.
- place: how many fields before it in the form have the same names and label.

A page without an origin can't be told from any other: there the hashes also cover all fields of the form, so that a field is
recognised in the very same form only. Modelled on Chromium's form and field signatures, which hash name and type.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fieldwise_inference.classify.field_view import FieldView

WEAK = "~"
DEFAULT_KIND = "text"
"""HTML's default type, which clients may leave out."""
DIGITS = 10
"""Hex digits of each hash: within one site, two of a thousand fields share one by chance with a probability below 1e-6."""

_GENERATED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[:«_]r[0-9a-z]+[:»_]")
"""A UUID; React's `useId`."""
_SEPARATORS = re.compile(r"[\W_]+")
_MIXED = re.compile(r"(?=.*\d)(?=.*[a-z])(?:[a-z]+\d+[a-z]|\d+[a-z]).*")
"""Letters after digits: a key made by a program (`x8f2a`, `7c`), as opposed to a number at the end of a word (`addr1`)."""
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{6,}")
_DIGITS = re.compile(r"\d")
_LONG_NUMBER = re.compile(r"\d{2,}")
_SAYS_NOTHING = {""} | frozenset(
    "field fields input inputs text textbox value values answer answers question questions item items data entry response responses"
    " option control element form id name".split()
)
"""Words of names that forms use for any field."""
_SECTION = re.compile(r"section-.*|shipping|billing")


@dataclass(frozen=True, slots=True)
class Signature:
    """The three parts of a signature."""

    names: str
    label: str
    place: int

    def __str__(self) -> str:
        return f"{self.names}-{self.label}-{self.place}"

    @property
    def is_weak(self) -> bool:
        """Whether name and id say nothing that could tell the field from others."""
        return self.names.startswith(WEAK)


def parse_signature(text: str) -> Signature | None:
    """The parts of a signature; None for any other text."""
    names, _, rest = text.partition("-")
    label, _, place = rest.partition("-")
    return Signature(names, label, int(place)) if names and label and place.isdecimal() else None


def names_of(signature: str) -> str:
    """The first of the three parts, without parsing the others: a site can have thousands of signatures."""
    return signature.partition("-")[0]


def signatures(views: Sequence[FieldView], origin: str) -> list[Signature]:
    """The signature of every field of a form. `origin`: of its page, or ""."""
    described = [(_names(view.field.name, view.field.id), view.own_label or view.placeholder) for view in views]
    salt = "" if origin else _hash(repr(described))
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for view, (words, label) in zip(views, described, strict=True):
        names = _hash(f"{salt}\n{words}\n{view.kind or DEFAULT_KIND}\n{_section(view.field.autocomplete)}")
        key = (f"{WEAK}{names[1:]}" if _says_nothing(words) else names, _hash(f"{salt}\n{label}"))
        found.append(Signature(*key, place=seen[key]))
        seen[key] += 1
    return found


@lru_cache(maxsize=4096)
def _names(of_name: str, of_id: str) -> str:
    """The words of the name; of the id if those say nothing; if those of the id don't either, the name's without any digit."""
    name = _stable(of_name)
    if not _says_nothing(name):
        return name
    id_ = _stable(of_id)
    return id_ if not _says_nothing(id_) else _DIGITS.sub("", name)


def _stable(name: str) -> str:
    """The words of a name or id that are likely the same on the next visit: without long numbers, and without keys made by programs.

    A single digit stays, because it tells fields apart more often than it changes (`addr1`, `addr2`).
    """
    every = _SEPARATORS.split(_GENERATED.sub(" ", name.casefold()))
    if not _DIGITS.search(name):  # nothing else to leave out
        return " ".join(every).strip()
    return " ".join(_LONG_NUMBER.sub("", word) for word in every if not _MIXED.fullmatch(word) and not _HEX.fullmatch(word)).strip()


@lru_cache(maxsize=4096)
def _says_nothing(words: str) -> bool:
    return all(_DIGITS.sub("", word) in _SAYS_NOTHING for word in words.split())


def _section(autocomplete: str) -> str:
    return " ".join(word for word in autocomplete.lower().split() if _SECTION.fullmatch(word)) if autocomplete else ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
