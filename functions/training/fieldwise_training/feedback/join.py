"""Finds the decisions that feedback is about, for feedback without the signature of its field."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from fieldwise_common.canonical import NOTHING
from fieldwise_common.decision_log import LogRow
from fieldwise_training.feedback.read import MAX_FEEDBACK_ROWS, too_many_rows
from fieldwise_training.feedback.rows import FeedbackRow, instant, position_of, short
from fieldwise_training.feedback.source import WINDOW

MAX_TRIED = 100
"""Decisions that one row is compared with, so that no user can make the join slow with forms of many origins."""

Key = tuple[str, str, str]
"""User, selector, and the id that was accepted for the field, or `none`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the join needs of a `classify` row."""

    at: str
    user: str
    origin: str
    form: str
    position: int | None
    signature: str
    site: str


def joined(feedback: Sequence[FeedbackRow], rows: Iterable[LogRow | None], quarantined: Counter[str]) -> list[FeedbackRow]:
    """The feedback, with form, position, signature and site of its decision where it has no signature of its own.

    The decision is the one with its decision id; else the nearest within `WINDOW` before it, of the same user and selector, at the
    same origin if both rows have one, with the outcome that the feedback is about. Without a decision a row is quarantined, unless
    it has its signature.

    Raises DataError when there are more decisions to choose from than one run can hold.
    """
    lacking = [row for row in feedback if not row.signature]
    if not lacking:
        return list(feedback)
    by_id, by_key = _candidates(lacking, rows)
    return [row for row in feedback if row.signature or _complete(row, by_id, by_key, quarantined)]


def form_of(row: LogRow) -> str:
    """What all `classify` rows of one form have in common: the request id, or in the log of an earlier release, time and user."""
    return row.request_id or sha256(f"{row.timestamp}\n{row.user_hash}".encode()).hexdigest()[:32]


def _candidates(lacking: Iterable[FeedbackRow], rows: Iterable[LogRow | None]) -> tuple[dict[str, Decision], dict[Key, list[Decision]]]:
    """The decisions that may be meant, by id, and by key sorted by time."""
    ids = {row.decision_id for row in lacking} - {""}
    keys = {(row.user, row.selector, row.about) for row in lacking}
    by_id: dict[str, Decision] = {}
    by_key: dict[Key, list[Decision]] = defaultdict(list)
    for number, (row, decision) in enumerate(_wanted(rows, ids, keys)):
        if number > MAX_FEEDBACK_ROWS:
            raise too_many_rows()
        if row.decision_id in ids:
            by_id[row.decision_id] = decision
        if decision.at:
            by_key[_key(row)].append(decision)
    for decisions in by_key.values():
        decisions.sort(key=lambda decision: decision.at)
    return by_id, by_key


def _wanted(rows: Iterable[LogRow | None], ids: set[str], keys: set[Key]) -> Iterator[tuple[LogRow, Decision]]:
    for row in rows:
        if row is not None and (row.decision_id in ids or _key(row) in keys):
            at = instant(row.timestamp)
            yield row, Decision(at, row.user_hash, short(row.origin), form_of(row), position_of(row), row.signature, row.site)


def _key(row: LogRow) -> Key:
    return row.user_hash, short(row.selector), row.predicted if row.decision == "accepted" else NOTHING


def _complete(row: FeedbackRow, by_id: dict[str, Decision], by_key: dict[Key, list[Decision]], quarantined: Counter[str]) -> bool:
    """Fills in what the row lacks. False if it can't be used; then it is counted."""
    decision = by_id.get(row.decision_id) if row.decision_id else None
    decision = decision or _nearest(row, by_key.get((row.user, row.selector, row.about), []))
    if decision is None:
        quarantined["no matching decision"] += 1
        return False
    if decision.user != row.user:
        quarantined["decision of another user"] += 1
        return False
    row.request_id, row.position, row.signature, row.site = decision.form, decision.position, decision.signature, decision.site
    row.decision_id = ""
    return True


def _nearest(row: FeedbackRow, decisions: Sequence[Decision]) -> Decision | None:
    earliest = instant((datetime.fromisoformat(row.at) - WINDOW).isoformat())
    end = bisect_right(decisions, row.at, key=lambda decision: decision.at)
    for decision in reversed(decisions[max(0, end - MAX_TRIED) : end]):
        if decision.at < earliest:
            return None
        if not row.origin or not decision.origin or row.origin == decision.origin:
            return decision
    return None
