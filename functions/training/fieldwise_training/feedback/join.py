"""Joins the feedback rows of the decision log to the decisions they are about."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from fieldwise_common.canonical import NOTHING
from fieldwise_common.decision_log import LogRow
from fieldwise_training.feedback.pairs import Vote

WINDOW = timedelta(hours=24)
"""Without a decision id: how long before its feedback a decision may have been made."""


def votes_of(rows: Sequence[LogRow], quarantined: Counter[str]) -> Iterator[Vote]:
    """The votes of every feedback row. A row that can't be used is counted in `quarantined`, by reason."""
    decisions = [row for row in rows if row.route == "classify"]
    by_id = {row.decision_id: row for row in decisions if row.decision_id}
    by_user_and_selector: dict[tuple[str, str], list[LogRow]] = defaultdict(list)
    for row in decisions:
        by_user_and_selector[row.user_hash, row.selector].append(row)
    for feedback in (row for row in rows if row.route == "feedback"):
        decision = by_id.get(feedback.decision_id) or _latest(feedback, by_user_and_selector[feedback.user_hash, feedback.selector])
        if decision is not None and decision.user_hash != feedback.user_hash:
            quarantined["decision of another user"] += 1
            continue
        if decision is None:
            quarantined["no matching decision"] += 1
            continue
        votes = _votes(feedback, decision.text or decision.label or decision.placeholder)
        if not votes:
            quarantined["no usable verdict"] += 1
        yield from votes


def _votes(feedback: LogRow, text: str) -> list[Vote]:
    """The votes of one feedback row: against the prediction, for the correction, whichever it has."""
    is_missed = feedback.predicted == NOTHING
    if feedback.decision == "correct":
        return [Vote(text, feedback.predicted, correct=True, user=feedback.user_hash)]
    if feedback.decision != "incorrect":
        return []
    against = [] if is_missed else [Vote(text, feedback.predicted, correct=False, user=feedback.user_hash)]
    is_corrected = feedback.corrected_to not in {"", feedback.predicted}
    return against + ([Vote(text, feedback.corrected_to, correct=True, user=feedback.user_hash)] if is_corrected else [])


def _latest(feedback: LogRow, decisions: Iterable[LogRow]) -> LogRow | None:
    """The last decision within `WINDOW` that the feedback can be about, at the same origin if both rows have one."""
    at = _time(feedback.timestamp)
    if at is None or not feedback.user_hash:
        return None
    found: tuple[datetime, LogRow] | None = None
    for decision in decisions:
        made = _time(decision.timestamp)
        is_in_window = made is not None and at - WINDOW <= made <= at
        is_same_origin = not feedback.origin or not decision.origin or feedback.origin == decision.origin
        if made is not None and is_in_window and is_same_origin and _is_about(feedback, decision) and (found is None or made >= found[0]):
            found = (made, decision)
    return found[1] if found is not None else None


def _is_about(feedback: LogRow, decision: LogRow) -> bool:
    if feedback.predicted == NOTHING:
        return decision.decision != "accepted"
    return decision.decision == "accepted" and decision.predicted == feedback.predicted


def _time(stamp: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
