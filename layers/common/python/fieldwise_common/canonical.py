"""The catalogue of canonical ids: what is known of each, once, in one row of `canonical.toml`.

An id is one of the HTML standard's autofill tokens (https://html.spec.whatwg.org/#autofill) where there is one, and
kebab-case in the same spirit beyond it. An id that starts with `none:` is negative: the field is certainly nothing of
the user's (`none:search`, `none:coupon`).

Whoever needs to know something of an id asks its row: `about(canonical).answer is Answer.DATE`.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from fieldwise_common.errors import DataError

FILE = "canonical.toml"
NEGATIVE_PREFIX = "none:"
NOTHING = "none"
"""What a negative id is called on the wire, and what feedback names a field we missed."""


class Answer(StrEnum):
    """What kind of answer a field of this meaning takes."""

    TEXT = "text"
    PROSE = "prose"
    """Text that is still true when its end is cut off."""
    CHOICE = "choice"
    """One of a few answers that forms usually offer as options."""
    YES_NO = "yes-no"
    """A yes or a no; the only kind that a tick box may stand for."""
    DATE = "date"
    DATE_PART = "date-part"
    NUMBER = "number"
    MONEY = "money"
    CODE = "code"
    """Digits or letters that are a name, not a number: leading zeros stay."""
    EMAIL = "email"
    URL = "url"
    TEL = "tel"
    TEL_PART = "tel-part"
    COUNTRY = "country"
    REGION = "region"
    """A state or province."""
    LANGUAGE = "language"
    PASSWORD = "password"  # noqa: S105 the name of a kind
    NOTHING = "nothing"
    """None at all: the id is negative."""


class Options(StrEnum):
    """By which evidence an option may be taken for the user's value, besides what is known of its kind of answer."""

    EXACT = "exact"
    """By its whole text or code: `Virginia` is not `West Virginia`."""
    WORDS = "words"
    """By some of its words, too."""
    MEANING = "meaning"
    """By nearness in meaning, too: only where a near miss does little harm."""


class Canonical(BaseModel):
    """One row of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    answer: Answer = Answer.TEXT
    part_of: str | None = None
    """The id of the whole that forms often ask for in one box instead."""
    date_part: Literal["day", "month", "year"] | None = None
    """Which part of a date it is; exactly for the answers of kind `date-part`."""
    token: bool = False
    """Whether it is a token of the HTML standard, which an `autocomplete` attribute may hold."""
    secret: bool = False
    """Recognised, so that nothing else lands in it; never stored, never filled."""
    masked: bool = False
    """Whether a masked box (`<input type=password>`) may stand for it."""
    repeats: bool = False
    """Whether one part of a form may ask for it twice (confirmations, second numbers)."""
    options: Options = Options.MEANING
    like: tuple[str, ...] = ()
    """Of a negative id: the ids that such a field is most easily taken for."""

    @property
    def is_negative(self) -> bool:
        """Whether a field of this meaning is certainly nothing of the user's."""
        return self.answer is Answer.NOTHING

    @model_validator(mode="after")
    def _consistent(self) -> "Canonical":
        if (self.date_part is not None) != (self.answer is Answer.DATE_PART):
            raise ValueError("`date_part` goes with the answer `date-part`, and only with it")
        if self.id.startswith(NEGATIVE_PREFIX) != self.is_negative or (self.like and not self.is_negative):
            raise ValueError(f"the answer `nothing`, and `like`, go with ids that start with `{NEGATIVE_PREFIX}`, and only with them")
        return self


def parse_catalogue(text: str) -> Mapping[str, Canonical]:
    """The rows of a catalogue by id. Raises DataError naming the id at fault, and the key where one is."""
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
    """The row of an id; for an id without one (a version or a client may name others), text about which nothing more is known."""
    return catalogue().get(canonical) or _unknown(canonical)


def _unknown(canonical: str) -> Canonical:
    return Canonical(id=canonical, answer=Answer.NOTHING if canonical.startswith(NEGATIVE_PREFIX) else Answer.TEXT)


def is_negative(canonical: str) -> bool:
    """Whether `canonical` says that a field is certainly nothing of the user's."""
    return canonical == NOTHING or canonical.startswith(NEGATIVE_PREFIX)


def is_secret(canonical: str) -> bool:
    """Whether a field of this meaning is recognised but never filled."""
    return about(canonical).secret


def negatives_like(canonical: str) -> tuple[str, ...]:
    """The negative ids that are most easily taken for `canonical`, in the order of the catalogue."""
    return tuple(row.id for row in catalogue().values() if canonical in row.like)
