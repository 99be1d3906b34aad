"""Feedback rows of the decision log, joined to the decisions they are about, as votes on a text and a canonical id."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fieldwise_common.canonical import NOTHING
from fieldwise_common.decision_log import LogRow

WINDOW = timedelta(hours=24)
"""How far before its feedback a decision may lie, where no id ties the two."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's word that `text` means `canonical`, or that it does not."""

    text: str
    canonical: str
    correct: bool
    between_ids: bool = False
    user: str = ""
    """The hash of whoever says so; "" where nobody is named: then every row is somebody else's word."""


def votes_of(rows: Sequence[LogRow], quarantined: Counter[str]) -> Iterator[Vote]:
    """The votes of every feedback row; a row that can't be used is counted in `quarantined` by reason."""
    decisions = [row for row in rows if row.route == "classify"]
    by_id = {row.decision_id: row for row in decisions if row.decision_id}
    by_user_and_selector: dict[tuple[str, str], list[LogRow]] = defaultdict(list)
    for row in decisions:
        by_user_and_selector[row.user_hash, row.selector].append(row)
    for feedback in (row for row in rows if row.route == "feedback"):
        decision = by_id.get(feedback.decision_id) or _nearest(feedback, by_user_and_selector[feedback.user_hash, feedback.selector])
        if decision is not None and decision.user_hash != feedback.user_hash:
            quarantined["about somebody else's decision"] += 1
            continue
        if decision is None:
            quarantined["no decision it could be about"] += 1
            continue
        votes = _votes(feedback, decision.text or decision.label or decision.placeholder)
        if not votes:
            quarantined["says nothing to learn"] += 1
        yield from votes


def _votes(feedback: LogRow, text: str) -> list[Vote]:
    """A no to what was predicted, and a yes to the right answer; each only where the row says so."""
    is_missed = feedback.predicted == NOTHING
    if feedback.decision == "correct":
        return [Vote(text, feedback.predicted, correct=True, user=feedback.user_hash)]
    if feedback.decision != "incorrect":
        return []
    against = [] if is_missed else [Vote(text, feedback.predicted, correct=False, user=feedback.user_hash)]
    is_new_answer = feedback.corrected_to not in {"", feedback.predicted}
    return against + ([Vote(text, feedback.corrected_to, correct=True, user=feedback.user_hash)] if is_new_answer else [])


def _nearest(feedback: LogRow, decisions: Iterable[LogRow]) -> LogRow | None:
    """The last decision within the window that says what the feedback is about, at the same origin where both are known."""
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
