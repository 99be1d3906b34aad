"""Rows of the decision log, for each route. No row contains a value that is written into a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fieldwise_common.decision_log import LogRow, origin_of, signals_cell
from fieldwise_common.wire import Decision, FeedbackRequest, Fill, FillResponse, Match, Unfilled


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all rows of one request have in common."""

    at: datetime
    user_hash: str

    @property
    def timestamp(self) -> str:
        """UTC, ISO 8601 with milliseconds and a Z."""
        return self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def classify_rows(decisions: Sequence[Decision], model_version: str, page_origin: str, stamp: Stamp) -> list[LogRow]:
    """One row per decision, accepted or not."""
    return [
        LogRow(
            timestamp=stamp.timestamp,
            route="classify",
            selector=d.selector,
            label=d.label,
            placeholder=d.placeholder,
            field_type=d.field_type,
            required=_flag(d.required),
            predicted=d.predicted,
            score=_number(d.score),
            threshold_used=_number(d.threshold_used),
            confidence_signals=signals_cell(d.confidence_signals),
            decision=d.decision,
            decision_id=d.decision_id,
            user_hash=stamp.user_hash,
            origin=origin_of(page_origin),
            model_version=model_version,
            method=d.method,
            text=d.text,
        )
        for d in decisions
    ]


def fill_rows(matches: Sequence[Match], response: FillResponse, stamp: Stamp) -> list[LogRow]:
    """One row per fill and per unfilled match: `filled`, or `unfilled:<reason>`."""
    by_selector = {m.selector: m for m in reversed(matches)}
    filled = [_fill_row(f, "filled", by_selector, stamp) for f in response.fills]
    return filled + [_fill_row(u, f"unfilled:{u.reason}", by_selector, stamp) for u in response.unfilled]


def _fill_row(entry: Fill | Unfilled, decision: str, matches: Mapping[str, Match], stamp: Stamp) -> LogRow:
    match = matches.get(entry.selector, Match(selector=entry.selector, canonical=entry.canonical))
    return LogRow(
        timestamp=stamp.timestamp,
        route="fill",
        selector=entry.selector,
        label=match.field.label,
        placeholder=match.field.placeholder,
        field_type=match.field.type,
        predicted=entry.canonical,
        score=_number(match.score),
        threshold_used=_number(match.threshold_used),
        decision=decision,
        decision_id=entry.decision_id or match.decision_id,
        user_hash=stamp.user_hash,
        method=match.method,
    )


def feedback_row(feedback: FeedbackRequest, stamp: Stamp) -> LogRow:
    """`predicted` is the canonical id the feedback is about. The time is the server's, and only the URL's origin is logged."""
    return LogRow(
        timestamp=stamp.timestamp,
        route="feedback",
        selector=feedback.selector,
        predicted=feedback.canonical,
        decision=feedback.feedback,
        decision_id=feedback.decision_id,
        user_hash=stamp.user_hash,
        origin=origin_of(feedback.url),
        corrected_to=feedback.corrected_to,
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _number(value: float) -> str:
    return f"{value:.6g}"
