"""The catalogue of canonical ids: one row of `canonical.toml` per id, with everything the code knows about it.

An id is an autofill token of the HTML standard (https://html.spec.whatwg.org/#autofill) if there is one for its meaning, and
otherwise a name in the same kebab-case style. An id that starts with `none:` is negative: such a field asks for nothing of
the user's (`none:search`, `none:coupon`).

Code that depends on an id's properties looks up its row: `about(canonical).answer is Answer.DATE`.
"""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from fieldwise_common.errors import DataError

FILE = "canonical.toml"
NEGATIVE_PREFIX = "none:"
NOTHING = "none"
"""Stands for every negative id, on the wire and as a class of the ranker.

In feedback, as the correction: the field asks for nothing of the user's. As the id that the feedback is about: the field was not matched.
"""

MAX_ID = 64
"""Characters of a canonical id."""
_ID = re.compile(r"(none:)?\w+([.-]\w+)*")

ADULT_AGE = 18
"""The age in completed years that `age-confirmation` in a flat profile confirms or denies; it answers no question about another age."""


class Answer(StrEnum):
    """The kind of answer that a field with this id asks for."""

    TEXT = "text"
    PROSE = "prose"
    """Text that may be shortened without becoming wrong."""
    CHOICE = "choice"
    """One of a few answers, which forms usually offer as options."""
    YES_NO = "yes-no"
    """Yes or no; the only kind of answer that a checkbox can give."""
    DATE = "date"
    DATE_PART = "date-part"
    NUMBER = "number"
    MONEY = "money"
    CODE = "code"
    """An identifier made of digits or letters, not a number: leading zeros matter."""
    EMAIL = "email"
    URL = "url"
    TEL = "tel"
    TEL_PART = "tel-part"
    DIAL_CODE = "dial-code"
    COUNTRY = "country"
    REGION = "region"
    """A state or province."""
    LANGUAGE = "language"
    PASSWORD = "password"  # noqa: S105 the name of a kind
    NOTHING = "nothing"
    """No answer: the id is negative."""


class Options(StrEnum):
    """How loosely an option may match the user's value, beyond the rules for its kind of answer."""

    EXACT = "exact"
    """By its whole text or its code only: `Virginia` is not `West Virginia`."""
    WORDS = "words"
    """Also by some of its words."""
    MEANING = "meaning"
    """Also by cosine similarity: only for ids where a near miss does little harm."""


class Canonical(BaseModel):
    """One row of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    means: str = ""
    """What it is in plain English, for explanations; "" if the id itself tells."""
    answer: Answer = Answer.TEXT
    part_of: str | None = None
    """The id of the whole value, which forms often ask for in a single field instead."""
    list: Literal["work_history", "education", "projects"] | None = None
    """The list of the profile whose entries it is a value of, if it is: forms ask for several, each in its own block of fields."""
    date_part: Literal["day", "month", "year"] | None = None
    """Which part of a date it is; set if and only if `answer` is `date-part`."""
    token: bool = False
    """Whether it is an autofill token of the HTML standard, and so can appear in an `autocomplete` attribute."""
    secret: bool = False
    """Recognised, so that nothing else is filled in there; never stored, never filled."""
    masked: bool = False
    """Whether a masked field (`<input type=password>`) may ask for it."""
    repeats: bool = False
    """Whether one section of a form may ask for it twice (confirmations, second numbers)."""
    options: Options = Options.MEANING
    topics: tuple[str, ...] = ()
    """The topics of `fill/choices/equivalents.json` with other words for its answers; every yes-or-no id has "yes-no" besides."""
    alike: str | None = None
    """A name shared by ids whose values answer the same field about equally well, so that pages ask for each in the same words."""
    like: tuple[str, ...] = ()
    """For a negative id: the ids that its fields are most easily mistaken for."""

    @property
    def is_negative(self) -> bool:
        """Whether a field with this id asks for nothing of the user's."""
        return self.answer is Answer.NOTHING

    @model_validator(mode="after")
    def _consistent(self) -> "Canonical":
        if (self.date_part is not None) != (self.answer is Answer.DATE_PART):
            raise ValueError('`date_part` is required if `answer` is "date-part", and not allowed otherwise')
        if is_negative(self.id) != self.is_negative or (self.like and not self.is_negative):
            raise ValueError(f'ids that start with `{NEGATIVE_PREFIX}`, and only those, have the `answer` "nothing" and may have `like`')
        return self


def parse_catalogue(text: str) -> Mapping[str, Canonical]:
    """The rows of a catalogue by id. Raises DataError naming the id, and the key if a single key is wrong."""
    rows: dict[str, Canonical] = {}
    try:
        for canonical, keys in tomllib.loads(text).items():
            rows[canonical] = Canonical.model_validate({**keys, "id": canonical})
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{FILE}: not TOML: {error}") from error
    except (ValidationError, TypeError) as error:
        fault = error.errors(include_input=False)[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "not a table of keys"}
        raise DataError(f"{FILE}, {'.'.join([canonical, *map(str, fault['loc'])])}: {fault['msg']}") from None
    for row in rows.values():
        missing = [other for other in (*row.like, row.part_of) if other is not None and other not in rows]
        if missing:
            raise DataError(f"{FILE}, {row.id}: refers to {missing[0]}, which has no row")
    return rows


@cache
def catalogue() -> Mapping[str, Canonical]:
    """The rows of the catalogue by id, read once."""
    return parse_catalogue(files(__package__).joinpath(FILE).read_text("utf-8"))


def about(canonical: str) -> Canonical:
    """The row of an id. An id without one (versions and clients may use others) is treated as plain text, or as negative by its prefix."""
    return catalogue().get(canonical) or _unknown(canonical)


@lru_cache(maxsize=256)
def _unknown(canonical: str) -> Canonical:
    return Canonical(id=canonical, answer=Answer.NOTHING if is_negative(canonical) else Answer.TEXT)


def entry_key(canonical: str, entry: int) -> str:
    """The key in a flat profile of an id's value in one entry of its `list`, counted from 1: `organization#2`.

    The key without a number is the id's value where a form does not number its blocks. `#` is in no id.
    """
    return f"{canonical}#{entry}"


@cache
def ids_of_lists() -> tuple[str, ...]:
    """The ids that are values of the entries of a list of the profile, and so may have an `entry_key`."""
    return tuple(row.id for row in catalogue().values() if row.list is not None)


def is_id(text: str) -> bool:
    """Whether a text can be a canonical id: words of letters, digits and `_`, joined by `-` or `.`, at most `MAX_ID` characters."""
    return len(text) <= MAX_ID and _ID.fullmatch(text) is not None


def is_negative(canonical: str) -> bool:
    """Whether a field with this id, or with `none`, asks for nothing of the user's."""
    return canonical == NOTHING or canonical.startswith(NEGATIVE_PREFIX)


def wire_id(canonical: str) -> str:
    """The id as clients get it, and as answers are counted: `none` for every negative id."""
    return NOTHING if is_negative(canonical) else canonical


def is_secret(canonical: str) -> bool:
    """Whether a field with this id is recognised but never filled."""
    return about(canonical).secret


@cache
def alike(canonical: str) -> frozenset[str]:
    """The ids that answer the same field about equally well, itself included."""
    name = about(canonical).alike
    return frozenset({canonical, *(row.id for row in catalogue().values() if name is not None and row.alike == name)})


def ids_with(answer: Answer) -> frozenset[str]:
    """The ids with this kind of answer."""
    return frozenset(row.id for row in catalogue().values() if row.answer is answer)


def negatives_like(canonical: str) -> tuple[str, ...]:
    """The negative ids whose fields are most easily mistaken for `canonical`, in the order of the catalogue."""
    return tuple(row.id for row in catalogue().values() if canonical in row.like)
