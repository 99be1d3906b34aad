"""One row of feedback, as the log has it and as the joins complete it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from sys import intern

from fieldwise_common.canonical import NOTHING, is_id, wire_id
from fieldwise_common.decision_ids import parse_decision_id
from fieldwise_common.decision_log import LogRow

CORRECT = "correct"
INCORRECT = "incorrect"
FIRST_YEAR = 1970
"""Earlier times are unusable: near the calendar's first year, subtracting a day overflows."""
MAX_TEXT = 64
"""Characters of a client's text; longer ones are held as hashes, because a run has a million rows in memory. No decision id is longer."""
MAX_DIGITS = 9
"""Of a position, which is stored in 32 bits."""


@dataclass(slots=True)
class FeedbackRow:
    """What a user said about one field. Texts are "" where the log does not have them; `join` fills them in from the decision."""

    at: str
    """ISO time in UTC, to the millisecond."""
    user: str
    selector: str
    """See `short`."""
    origin: str
    """See `short`."""
    about: str
    """The id that the feedback is about; `none`: the field was not matched."""
    verdict: str
    """`correct` or `incorrect`."""
    corrected_to: str
    decision_id: str
    """Only while it is needed: "" for a row that has its signature."""
    request_id: str
    position: int | None
    """The field's place in its form; None in the log of an earlier release, where the selector tells fields apart."""
    signature: str
    site: str
    is_trusted: bool

    @property
    def place(self) -> int | str:
        """What tells the field from the others of its form."""
        return self.selector if self.position is None else self.position

    @property
    def word(self) -> tuple[str, str]:
        """As `word`."""
        return word(self.verdict, self.about, self.corrected_to)


def word(verdict: str, about: str, corrected_to: str) -> tuple[str, str]:
    """The id that feedback confirms, and the id that it rejects; "" for none of either, `none` for every negative id."""
    about, corrected_to = wire_id(about), wire_id(corrected_to)
    if verdict == CORRECT:
        return about, ""
    return corrected_to if corrected_to != about else "", "" if about == NOTHING else about


def feedback_row(row: LogRow) -> FeedbackRow | str:
    """The row, or why it can't be used. Texts that repeat are shared, as a run may hold a million rows."""
    at = instant(row.timestamp)
    if not at:
        return "no usable time"
    ids = parse_decision_id(row.decision_id)  # the client's: whose form it is, and of which site, is in the log alone
    position = position_of(row)
    found = FeedbackRow(
        at=at,
        user=intern(row.user_hash),
        selector=short(row.selector),
        origin=short(row.origin),
        about=intern(row.predicted),
        verdict=intern(row.decision.lower()),
        corrected_to=intern(row.corrected_to),
        decision_id="" if row.signature or len(row.decision_id) > MAX_TEXT else row.decision_id,
        request_id=row.request_id or (ids.request_id if ids is not None else ""),
        position=ids.position if position is None and ids is not None else position,
        signature=intern(row.signature),
        site=intern(row.site),
        is_trusted=row.trusted == "true",
    )
    is_verdict = found.verdict in {CORRECT, INCORRECT} and is_id(found.about) and (not found.corrected_to or is_id(found.corrected_to))
    return found if is_verdict and any(found.word) else "no usable verdict"


def instant(text: str) -> str:
    """A time as the log has it, in one form that sorts by time: UTC, to the millisecond, with a Z. "" for any other text."""
    try:
        time = datetime.fromisoformat(text)
        utc = (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z") if utc.year >= FIRST_YEAR else ""


def short(text: str) -> str:
    """The text, or the hash of a long one: all that is done with selectors and origins is to compare them."""
    return intern(text if len(text) <= MAX_TEXT else sha256(text.encode()).hexdigest())


def position_of(row: LogRow) -> int | None:
    """The field's place in its form; None if the row does not have it."""
    digits = row.position
    return int(digits) if digits.isdecimal() and len(digits) <= MAX_DIGITS else None
