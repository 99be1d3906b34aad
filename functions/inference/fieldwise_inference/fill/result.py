"""What a handler returns: a value to fill in, or the reason why there is none. Neither reasons nor caveats ever contain a value."""

from dataclasses import dataclass
from enum import StrEnum

from fieldwise_common.wire import Action


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
    """The question may be the opposite of the profile's, or several questions in one, and can't be read with certainty."""
    OTHER_QUESTION = "other-question"
    """The field asks for something near the profile's value: experience with one thing rather than in all."""
    ANSWER_IS_NO = "answer-is-no"
    """The answer to a lone tick box is no, so it stays as it is."""
    ANOTHER_OPTION = "another-option"
    """The answer to the question is another of its radios or boxes."""
    FOLLOW_UP = "follow-up"
    """A text box beside a choice ("If yes, please explain"): the answer is in the choice."""
    READ_ONLY = "read-only"
    DISABLED = "disabled"
    ALREADY_FILLED = "already-filled"
    NO_SUCH_ENTRY = "no-such-entry"
    """The profile has no second job, school or project."""
    IN_ANOTHER_FIELD = "in-another-field"
    """The form asks for the value, or a part of it, in a field of its own."""
    UNIT_UNKNOWN = "unit-unknown"
    """The profile's number can't be converted with certainty into the unit that the field asks for."""
    OTHER_CURRENCY = "other-currency"
    OUT_OF_RANGE = "out-of-range"
    """The value is outside of the field's `min`, `max` or `step`."""
    SPLIT_MISMATCH = "split-mismatch"
    """There are more or fewer boxes of one character than the value has characters."""
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
    text: str = ""
    """What the chosen option shows."""
    values: tuple[str, ...] = ()
    """All chosen options, where several may be chosen."""
    action: Action = "type"


@dataclass(frozen=True, slots=True)
class NotFilled:
    """No value, and why."""

    reason: Reason


FillResult = Filled | NotFilled
