"""Reads whole forms from the decision log, in its order and with bounded memory."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from fieldwise_common.decision_log import LogRow, decode, is_cut
from fieldwise_common.errors import DataError
from fieldwise_training.feedback.rows import instant, position_of
from fieldwise_training.feedback.source import Log

MAX_OPEN = 2_000
"""Forms of which rows are missing so far. A record of the stream holds a whole form, or a large part of a very large one."""

EARLIER = "logged by an earlier release"
MALFORMED = "malformed row"
INCOMPLETE = "rows of its form are missing"
SHORTENED = "a description in its form was cut"
"""Why a decision can't be made again."""


@dataclass(slots=True)
class LoggedForms:
    """The forms of a log that can be decided again. `skipped` counts the other decisions, by reason."""

    log: Log
    since: str = ""
    """An ISO time in UTC, as `feedback.rows.instant` returns it; earlier rows are not read."""
    skipped: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[list[LogRow]]:
        """The rows of each form, by position. Raises StoreError when an object can't be read."""
        unfinished: dict[tuple[str, str], dict[int, LogRow]] = {}
        for row in self._rows():
            position = position_of(row)
            if not row.code or position is None or not row.form_fields.isdecimal():
                self.skipped[EARLIER] += 1
                continue
            key = (row.request_id, row.user_hash)
            form = unfinished.setdefault(key, {})
            form[position] = row
            if len(form) == int(row.form_fields):
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

    def _checked(self, rows: list[LogRow]) -> Iterator[list[LogRow]]:
        try:
            is_short = any(is_cut(row.field) for row in rows)
        except ValueError:
            self.skipped[MALFORMED] += len(rows)
            return
        if is_short:
            self.skipped[SHORTENED] += len(rows)
        else:
            yield rows


def _parsed(line: bytes) -> LogRow | None:
    try:
        return next(decode(line.decode("utf-8"), ""), None)
    except (UnicodeDecodeError, DataError):
        return None
