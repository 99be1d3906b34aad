"""A decision log with feedback, row by row and as the stream stores it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from fieldwise_common.decision_ids import DecisionId
from fieldwise_common.decision_log import LogRow, encode, field_cell
from fieldwise_common.wire import FieldDescriptor

COLUMNS_OF_PREVIOUS_RELEASE = 19
SITE = "5" * 16


def form(number: int, user: str = "u1", labels: Sequence[str] = ("First name", "Last name"), **changes: str) -> list[LogRow]:
    """The rows of one classified form: a field per label, each taken for `tel`. The signatures are `s0`, `s1` and so on."""
    request_id = sha256(str(number).encode()).hexdigest()[:32]
    row = LogRow(
        timestamp="2026-11-22T10:00:00.000Z",
        route="classify",
        selector="",
        field_type="text",
        predicted="tel",
        decision="accepted",
        user_hash=user,
        origin="https://shop.example",
        model_version="v1",
        method="ranker",
        request_id=request_id,
        site=SITE,
    )
    rows = []
    for position, label in enumerate(labels):
        decision_id = str(DecisionId(request_id, SITE, position))
        field = field_cell(FieldDescriptor(selector=f"#{position}", label=label))
        named = {"selector": f"#{position}", "label": label, "text": label, "decision_id": decision_id, "field": field}
        rows.append(replace(row, position=str(position), signature=f"s{position}", **{**named, **changes}))
    return rows


def said(about: LogRow, corrected_to: str = "", **changes: str) -> LogRow:
    """The feedback on a decision, five minutes later: correct, or wrong and `corrected_to`."""
    row = LogRow(
        timestamp=later(about.timestamp, minutes=5),
        route="feedback",
        selector=about.selector,
        predicted=about.predicted if about.decision == "accepted" else "none",
        decision="incorrect" if corrected_to else "correct",
        decision_id=about.decision_id,
        user_hash=about.user_hash,
        origin=about.origin,
        corrected_to=corrected_to,
        request_id=about.request_id,
        position=about.position,
        signature=about.signature,
        site=about.site,
    )
    return replace(row, **changes)


def later(timestamp: str, **by: float) -> str:
    """A timestamp as the log has it, moved."""
    moved = datetime.fromisoformat(timestamp) + timedelta(**by)
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unsigned(row: LogRow, decision_id: str = "") -> LogRow:
    """The row as the previous release wrote it."""
    nothing = dict.fromkeys(("request_id", "position", "signature", "site", "trusted", "field"), "")
    return replace(row, decision_id=decision_id, **nothing)


def as_previous_release(rows: Iterable[LogRow]) -> str:
    """CSV of the previous release, whose rows had fewer cells."""
    cut = io.StringIO()
    csv.writer(cut, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        cells[:COLUMNS_OF_PREVIOUS_RELEASE] for cells in csv.reader(io.StringIO(encode(rows)))
    )
    return cut.getvalue()


def store(folder: Path, hour: str, *rows: LogRow, name: str = "part-1") -> str:
    """Writes an object of the log at `folder/decisions/<hour>/`; returns the log's address. `hour`: `2026/11/22/10`."""
    target = folder / "decisions" / hour / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(encode(rows), "utf-8")
    return str(folder / "decisions")
