"""Reads whole forms from the decision log, in its order and with bounded memory."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldwise_common.decision_log import LogRow, decode, is_cut
from fieldwise_common.errors import DataError
from fieldwise_common.wire import FieldDescriptor, KnownAtDecision
from fieldwise_inference.classify.decide import DUPLICATE
from fieldwise_training.feedback.rows import MAX_DIGITS, instant, position_of
from fieldwise_training.feedback.source import Log

REPEATED = DUPLICATE.signals[0]
MAX_OPEN = 2_000
"""Forms of which rows are missing so far. A record of the stream holds a whole form, or a large part of a very large one."""

EARLIER = "logged by an earlier release"
MALFORMED = "malformed row"
INCOMPLETE = "rows of its form are missing"
SHORTENED = "a description in its form was cut"
"""Why a decision can't be made again."""


@dataclass(frozen=True, slots=True)
class LoggedField:
    """One decision, with the parsed cells that it is made again from and compared with."""

    row: LogRow
    described: Mapping[str, Any]
    """The field, without its selector."""
    known: KnownAtDecision
    score: float
    threshold: float

    @property
    def is_repeated(self) -> bool:
        """Whether an earlier field of the form has the same selector."""
        return REPEATED in self.row.confidence_signals.split(";")


LoggedForm = Sequence[LoggedField]
"""All fields of one request, by position."""


@dataclass(slots=True)
class LoggedForms:
    """The forms of a log that can be decided again. `skipped` counts the other decisions, by reason."""

    log: Log
    since: str = ""
    """An ISO time in UTC, as `feedback.rows.instant` returns it; earlier rows are not read."""
    skipped: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[LoggedForm]:
        """The forms one by one. Raises StoreError when an object can't be read."""
        unfinished: dict[tuple[str, str], dict[int, LogRow]] = {}
        for row in self._rows():
            position = position_of(row)
            size = int(row.form_fields) if row.form_fields.isdecimal() and len(row.form_fields) <= MAX_DIGITS else 0
            if not row.code or position is None or position >= size:
                self.skipped[MALFORMED if row.code else EARLIER] += 1
                continue
            key = (row.request_id, row.user_hash)
            form = unfinished.setdefault(key, {})
            form[position] = row
            if len(form) == size:
                del unfinished[key]
                yield from self._checked([form[position] for position in sorted(form)])
            elif len(unfinished) > MAX_OPEN:
                self.skipped[INCOMPLETE] += len(unfinished.pop(next(iter(unfinished))))
        self.skipped[INCOMPLETE] += sum(map(len, unfinished.values()))

    def _rows(self) -> Iterator[LogRow]:
        """The decisions that clients got."""
        for _, stream in self.log.read():
            if stream is None:  # deleted meanwhile, as its retention ended
                continue
            with stream:
                for line in stream:
                    if b'"classify"' not in line[:64]:
                        continue
                    row = _parsed(line)
                    if row is None:
                        self.skipped[MALFORMED] += 1
                    elif row.route == "classify" and (not self.since or instant(row.timestamp) >= self.since):
                        yield row

    def _checked(self, rows: list[LogRow]) -> Iterator[LoggedForm]:
        try:
            form = [_field(row) for row in rows]
        except ValueError:
            self.skipped[MALFORMED] += len(rows)
            return
        if any(is_cut(row.field) for row in rows):
            self.skipped[SHORTENED] += len(rows)
        else:
            yield form


def _field(row: LogRow) -> LoggedField:
    """Raises ValueError when a cell can't be parsed."""
    described = json.loads(row.field)
    if not isinstance(described, dict):
        raise ValueError("not an object")
    FieldDescriptor.model_validate({**described, "selector": "-"})
    known = KnownAtDecision.model_validate_json(row.known or "{}")
    return LoggedField(row, described, known, float(row.score), float(row.threshold_used))


def _parsed(line: bytes) -> LogRow | None:
    try:
        return next(decode(line.decode("utf-8"), ""), None)
    except (UnicodeDecodeError, DataError):
        return None
