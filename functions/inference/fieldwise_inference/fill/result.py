"""What a handler returns: a value to fill in, or the reason why there is none. Neither reasons nor caveats ever contain a value."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a field was not filled."""

    SECRET = "secret"  # noqa: S105 the name of a reason
    FILE = "file"
    NOT_FILLABLE = "not-fillable"
    """A hidden input, a button, a colour or a time: no profile has a value for it."""
    NOTHING = "nothing"
    """The match's canonical id is negative: the field is not for the user's data."""
    NO_VALUE = "no-value"
    NO_MATCHING_OPTION = "no-matching-option"
    NOT_YES_OR_NO = "not-yes-or-no"
    INVERTED_QUESTION = "inverted-question"
    """The field may ask the opposite of the profile's question, or ask about something else. Answers are never inverted."""
    HOUSE_NUMBER = "house-number"
    NAME_PARTICLE = "name-particle"
    TOO_LONG = "too-long"
    PATTERN_MISMATCH = "pattern-mismatch"
    NOT_A_NUMBER = "not-a-number"
    NOT_AN_EMAIL = "not-an-email"
    NOT_A_URL = "not-a-url"
    BAD_DATE = "bad-date"
    INCOMPLETE_DATE = "incomplete-date"
    """The field wants a day or a month that the profile's date lacks."""


class Caveat(StrEnum):
    """A warning about a filled value, for the client to show."""

    DATE_FORMAT_UNKNOWN = "date-format-unknown"
    """The field does not show which date format it expects, so it gets ISO 8601."""
    SHORTENED = "shortened"
    NEAREST_OPTION = "nearest-option"
    """No option matches the value exactly; this one is the nearest in meaning."""
    ONE_OF_SEVERAL = "one-of-several"
    """The profile's value lists several answers; one of them is among the options."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A value in the format the field expects."""

    value: str
    caveat: Caveat | None = None


@dataclass(frozen=True, slots=True)
class NotFilled:
    """No value, and why."""

    reason: Reason


FillResult = Filled | NotFilled
