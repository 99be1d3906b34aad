"""Parses the new objects of a log, or a plain CSV with the columns `query_key,matched_key,correct`, in one pass.

What can't be used is quarantined: counted by reason, never guessed.
"""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import TracebackType

from fieldwise_common.decision_log import LogRow, decode, unguarded
from fieldwise_common.errors import DataError
from fieldwise_training.evaluation.shadow import ShadowRows
from fieldwise_training.feedback.pairs import PLAIN_COLUMNS, Statement
from fieldwise_training.feedback.rows import FeedbackRow, feedback_row
from fieldwise_training.feedback.source import Log

TRUE_WORDS = frozenset({"yes", "true", "1"})
FALSE_WORDS = frozenset({"no", "false", "0"})
MAX_FEEDBACK_ROWS = 1_000_000
"""Of one run; they are in memory, at 0.4 KB each."""
MAX_ROWS = 10_000_000
"""Of one run, of every route: a training step has 15 minutes."""
MAX_HEADER = 10_000
"""Bytes of a plain CSV's first line; `csv` refuses a cell that is much longer."""
HEADER = b"route"
"""The route of a header line."""
ROUTES = frozenset({b"classify", b"fill", b"feedback", b"shadow", HEADER})
MALFORMED = b""
"""Stands for every other route."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
REPLACEMENT = "\ufffd"


class Decisions:
    """The `classify` rows of a log, compressed in a local file: the passes after the first do not fetch the log again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = gzip.open(path, "wb", compresslevel=1)  # noqa: SIM115 closed by `__exit__`

    def __enter__(self) -> "Decisions":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def add(self, line: bytes) -> None:
        """Adds a row as it is in the log."""
        self._file.write(line if line.endswith(b"\n") else line + b"\n")

    def rows(self) -> Iterator[LogRow | None]:
        """Every row that was added before the file was closed; None for one that can't be parsed."""
        with gzip.open(self._path, "rb") as file:
            yield from map(_parsed, file)


@dataclass(slots=True)
class Parsed:
    """What the first pass finds; it stores the `classify` rows in `decisions`."""

    decisions: Decisions
    feedback: list[FeedbackRow] = field(default_factory=list)
    shadows: ShadowRows = field(default_factory=ShadowRows)
    statements: list[Statement] = field(default_factory=list)
    """Of plain CSV files."""
    rows: int = 0
    """Lines of the log, of every route, malformed ones included."""
    vanished: int = 0
    """Objects that were deleted between listing and reading, as their retention ends."""
    quarantined: Counter[str] = field(default_factory=Counter)


def parse(log: Log, decisions: Decisions) -> Parsed:
    """Reads every object of `log` once. Rows of the route `fill` are only counted.

    Raises:
        DataError: more rows than one run can hold; a single file that is neither a decision log nor has the three columns; a plain
            CSV that is malformed or not UTF-8.
        StoreError: an object can't be read; the message names it.
    """
    found = Parsed(decisions)
    for name, stream in log.read():
        if stream is None:
            found.vanished += 1
            continue
        with stream:
            first = stream.readline().removeprefix(BYTE_ORDER_MARK)
            if _is_plain(first):
                found.statements += _statements(name, first + stream.read(), log.is_single, found.quarantined)
            elif not _parse_log(found, chain([first], stream)) and log.is_single:
                raise DataError(f"{Path(name).name}, line 1: neither the columns {','.join(PLAIN_COLUMNS)} nor a decision log")
    return found


def _parse_log(found: Parsed, lines: Iterator[bytes]) -> bool:
    """Line by line, since the codec writes one line per row: a damaged row does not affect the others.

    Returns False if there are rows, and all of them are malformed.
    """
    routes: Counter[bytes] = Counter()
    for line in lines:
        if not line.strip():
            continue
        route = _route(line)
        routes[route if route in ROUTES else MALFORMED] += 1
        if route == b"classify":
            found.decisions.add(line)
        elif route == b"feedback":
            _add_feedback(found, line)
            if len(found.feedback) > MAX_FEEDBACK_ROWS:
                raise too_many_rows()
        elif route == b"shadow":
            _add_shadow(found, line)
    found.rows += routes.total() - routes[HEADER]
    if routes[MALFORMED]:
        found.quarantined["malformed row"] += routes[MALFORMED]
    if found.rows > MAX_ROWS:
        raise too_many_rows()
    return not routes[MALFORMED] or len(routes) > 1


def too_many_rows() -> DataError:
    """For a log with more new rows than one run can hold."""
    return DataError(
        f"more than {MAX_FEEDBACK_ROWS:,} feedback rows, or {MAX_ROWS:,} rows in all, are new: train more often, or on parts of the log, "
        "oldest first and each after the one before is promoted, with feedback_log=…/decisions/YYYY/MM/"
    )


def _route(line: bytes) -> bytes:
    """The second cell: no timestamp has a comma. A header's is `route`; the original's routes begin with a slash."""
    start = line.find(b",") + 1
    return line[start : line.find(b",", start)].strip(b'"/ ')


def _add_feedback(found: Parsed, line: bytes) -> None:
    row = _parsed(line)
    feedback = feedback_row(row) if row is not None else "malformed row"
    if isinstance(feedback, str):
        found.quarantined[feedback] += 1
    else:
        found.feedback.append(feedback)


def _add_shadow(found: Parsed, line: bytes) -> None:
    row = _parsed(line)
    if row is None:
        found.quarantined["malformed row"] += 1
    else:
        found.shadows.add(row)


def _parsed(line: bytes) -> LogRow | None:
    try:
        return next(decode(line.decode("utf-8"), ""), None)
    except (UnicodeDecodeError, DataError):
        return None


def _is_plain(header: bytes) -> bool:
    may_be = PLAIN_COLUMNS[0].encode() in header.lower() and len(header) <= MAX_HEADER
    cells = next(csv.reader([header.decode("utf-8", "replace")]), []) if may_be else []
    return {cell.strip().lower() for cell in cells}.issuperset(PLAIN_COLUMNS)


def _statements(name: str, body: bytes, is_single: bool, quarantined: Counter[str]) -> Iterator[Statement]:
    try:
        text = body.decode("utf-8", "strict" if is_single else "replace")
    except UnicodeDecodeError as error:
        raise DataError(f"{Path(name).name}: not UTF-8 (byte {error.start})") from error
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    reader.fieldnames = [column.strip().lower() for column in reader.fieldnames or ()]
    try:
        for row in reader:
            query, matched, correct = ((row[column] or "").strip() for column in PLAIN_COLUMNS)
            if REPLACEMENT in query or REPLACEMENT in matched:
                quarantined["malformed row"] += 1
            elif correct.lower() not in TRUE_WORDS | FALSE_WORDS:
                quarantined["neither yes nor no"] += 1
            else:
                yield Statement(unguarded(query), matched, correct.lower() in TRUE_WORDS)
    except csv.Error as error:
        raise DataError(f"{Path(name).name}, line {reader.line_num}: {error}") from error
