"""What filling one field comes to: an answer, or a refusal with its reason. Neither reasons nor caveats ever hold a value."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a field got no value."""

    SECRET = "secret"  # noqa: S105 the name of a reason
    FILE = "file"
    NOT_FILLABLE = "not-fillable"
    """A hidden input, a button, a colour, a time: nothing a profile could say."""
    NOTHING = "nothing"
    """The match itself says that the field is certainly nothing of the user's."""
    NO_VALUE = "no-value"
    NO_MATCHING_OPTION = "no-matching-option"
    NOT_YES_OR_NO = "not-yes-or-no"
    INVERTED_QUESTION = "inverted-question"
    """The field may ask the opposite of what the profile answers, or ask it of something else: no answer is turned round."""
    HOUSE_NUMBER = "house-number"
    NAME_PARTICLE = "name-particle"
    TOO_LONG = "too-long"
    PATTERN_MISMATCH = "pattern-mismatch"
    NOT_A_NUMBER = "not-a-number"
    NOT_AN_EMAIL = "not-an-email"
    NOT_A_URL = "not-a-url"
    BAD_DATE = "bad-date"
    INCOMPLETE_DATE = "incomplete-date"
    """The field wants a day or a month that the profile does not say."""


class Caveat(StrEnum):
    """What a client may want to tell its user about a value."""

    DATE_FORMAT_UNKNOWN = "date-format-unknown"
    """The field does not say how it wants its date: it got ISO 8601."""
    SHORTENED = "shortened"
    NEAREST_OPTION = "nearest-option"
    """No option says the value; the nearest in meaning was taken."""
    ONE_OF_SEVERAL = "one-of-several"
    """The profile holds several answers; one of them is among the options."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A value as the field wants it."""

    value: str
    caveat: Caveat | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """No value, and why."""

    reason: Reason


Outcome = Answer | Refusal
