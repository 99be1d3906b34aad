"""Rows of the decision log, for each route. No row contains a value that is written into a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fieldwise_backend.memory.service import FoundField
from fieldwise_common.decision_ids import DecisionId
from fieldwise_common.decision_log import LogRow, field_cell, signals_cell
from fieldwise_common.wire import ClassifyRequest, FeedbackRequest, Fill, FillResponse, Match, MlClassifyResponse, Shadow, Unfilled
from fieldwise_common.wire_types import origin_of


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all rows of one request have in common."""

    at: datetime
    user_hash: str

    @property
    def timestamp(self) -> str:
        """UTC, ISO 8601 with milliseconds and a Z."""
        return self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def classify_rows(request: ClassifyRequest, answer: MlClassifyResponse, site: str, stamp: Stamp) -> Iterator[LogRow]:
    """One row per decision, accepted or not, and one per decision of a candidate in shadow. `site`: the keyed hash of the page's origin.

    As `fill_rows`, it makes the rows when they are read, which may be after the answer.

    An inference of an earlier release, as while a deployment shifts traffic, gives no request id, and then no position either.
    """
    origin, fields = origin_of(request.page.origin), request.fields if answer.request_id else ()
    rows = [
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
            origin=origin,
            model_version=answer.model_version,
            method=d.method,
            text=d.text,
            request_id=answer.request_id,
            position=str(d.position) if answer.request_id else "",
            signature=d.signature,
            site=site,
            field=field_cell(fields[d.position]) if 0 <= d.position < len(fields) else "",
            known=d.known.model_dump_json(exclude_defaults=True) if d.known is not None else "",
            form_fields=str(len(request.fields)) if answer.code else "",
            code=answer.code,
        )
        for d in answer.decisions
    ]
    yield from rows
    if answer.shadow is not None:
        yield from _shadow_rows(rows, answer.shadow)


def _shadow_rows(rows: Sequence[LogRow], shadow: Shadow) -> list[LogRow]:
    """The live rows with the candidate's decisions. They have the same ids, so they leave out the field's description."""
    live = {row.position: row for row in rows}
    return [
        replace(
            row,
            route="shadow",
            predicted=d.predicted,
            score=_number(d.score),
            threshold_used=_number(d.threshold_used),
            confidence_signals=signals_cell(d.confidence_signals),
            decision=d.decision,
            model_version=shadow.model_version,
            method=d.method,
            field="",
        )
        for d in shadow.decisions
        if (row := live.get(str(d.position))) is not None
    ]


def fill_rows(matches: Sequence[Match], response: FillResponse, stamp: Stamp) -> Iterator[LogRow]:
    """One row per fill and per unfilled match: `filled`, or `unfilled:<reason>`."""
    by_selector = {m.selector: m for m in reversed(matches)}
    for fill in response.fills:
        yield _fill_row(fill, "filled", by_selector, stamp)
    for unfilled in response.unfilled:
        yield _fill_row(unfilled, f"unfilled:{unfilled.reason}", by_selector, stamp)


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


def feedback_row(
    feedback: FeedbackRequest, found: FoundField | None, decision: DecisionId | None, stamp: Stamp, *, is_trusted: bool
) -> LogRow:
    """`predicted` is the canonical id the feedback is about. The time is the server's, and only the URL's origin is logged.

    `found`: the field in the user's own recent forms; signature and site come from there alone, never from the client. Without it,
    request and position are those of `decision`, the client's decision id.
    """
    request_id, position = (found.request_id, found.field.position) if found is not None else _request_of(decision)
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
        request_id=request_id,
        position=str(position),
        signature=found.field.signature if found is not None else "",
        site=found.site if found is not None else "",
        trusted="true" if is_trusted else "",
    )


def _request_of(decision: DecisionId | None) -> tuple[str, int | str]:
    return (decision.request_id, decision.position) if decision is not None else ("", "")


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _number(value: float) -> str:
    return f"{value:.6g}"
