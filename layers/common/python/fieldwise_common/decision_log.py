"""The decision log: its columns, and the one codec that writes and reads them.

CSV (RFC 4180) with every cell quoted, one line per row, and no header: Athena takes the columns from the Glue table,
which a test compares with `COLUMNS`. A row never contains a value of a field or a profile.
"""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from fieldwise_common.errors import DataError
from fieldwise_common.wire import FieldDescriptor, Option
from fieldwise_common.wire_types import MAX_TEXT

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "'")
"""A cell that starts with one of these could run as a formula in a spreadsheet, or be taken for a guarded one."""
GUARD = "'"
"""Put before such a cell."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row. All cells are text, and the order of the fields is that of the columns."""

    timestamp: str
    """UTC, ISO 8601 with milliseconds and a Z."""
    route: str
    """classify, fill, feedback, or shadow: what a candidate version would have decided, which no client got."""
    selector: str
    label: str = ""
    placeholder: str = ""
    field_type: str = ""
    required: str = ""
    predicted: str = ""
    score: str = ""
    threshold_used: str = ""
    confidence_signals: str = ""
    """Joined by `;`."""
    decision: str = ""
    decision_id: str = ""
    user_hash: str = ""
    origin: str = ""
    model_version: str = ""
    method: str = ""
    text: str = ""
    corrected_to: str = ""
    request_id: str = ""
    """Of a classify row, and of the feedback about it: the request that all rows of a form share."""
    position: str = ""
    """The field's place among the fields of the request that were read, from 0."""
    signature: str = ""
    """What the field is recognised by, see `classify.signature` of inference."""
    site: str = ""
    """Keyed hash of the origin (`site_hash`); "" if the key was not available."""
    trusted: str = ""
    """`true` for feedback of a user with the admin scope."""
    field: str = ""
    """The field's description as JSON (`field_cell`); a new key of the wire needs no new column."""
    known: str = ""
    """What the user and an admin had said about the field by then, as JSON (`wire.KnownAtDecision`); "" if nothing."""
    form_fields: str = ""
    """How many fields of the request were read; with `code`, it tells a row that can be replayed from one of an earlier release."""
    code: str = ""
    """The code that decided, see `classify.code` of inference."""


COLUMNS = tuple(f.name for f in fields(LogRow))
_CELLS = attrgetter(*COLUMNS)
EARLIER_COLUMNS = (12, 19, 25)
"""How many of `COLUMNS` rows had: in the original's own log, before a row described its field, and before it could be replayed.

They are still read."""
MAX_FIELD_CELL = 20_000
"""Characters of a field's description, enough for everything a decision reads, unless options have no texts but long values, or texts
consist of quotes. A longer one is marked as cut: options are dropped from the end until it fits, then texts are cut."""
FIRST_OPTIONS = 15
"""Options of which a description has the whole text: decisions read no further ones in full, and as many or more count as the same."""
MAX_OPTIONS = 24
"""Options in a description, see `read_options`."""
MAX_OPTION_TEXT = 60
"""Characters in a description of the texts of the options after the first ones, as many as decisions read of them; also of the values
of options that have a text, of which decisions read no value."""
NOT_LOGGED = frozenset({"selector", "checked", "filled", "question"})
"""Keys that a description leaves out: what the user has chosen is theirs, classify itself sets `question`, the selector has a column."""
CUT = "cut"
"""The key that marks a description that had to be cut. It is not a key of the wire, so readers of fields ignore it."""
_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})
"""Line ends that JSON leaves as they are, but a line of the log can't have."""


def guarded(cell: str) -> str:
    """The cell as one line that no spreadsheet evaluates; `unguarded` reverses the guard, not the joined lines.

    Tabs become spaces: Athena takes them for the end of a cell.
    """
    flat = " ".join(cell.splitlines()).replace("\t", " ") if not cell.isprintable() else cell
    flat = flat.replace("\x00", "")
    return GUARD + flat if flat.startswith(FORMULA_STARTS) else flat


def unguarded(cell: str) -> str:
    """A cell as it was before `guarded`."""
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(FORMULA_STARTS) else cell


def encode(rows: Iterable[LogRow]) -> str:
    """Rows as CSV text; each ends in a newline."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(map(guarded, _CELLS(row)) for row in rows)
    return out.getvalue()


def decode(text: str, source: str) -> Iterator[LogRow]:
    """The rows of CSV text; a header line is skipped. Raises DataError naming `source` and line."""
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            if not cells or tuple(cells) == COLUMNS[: len(cells)]:
                continue
            if len(cells) != len(COLUMNS) and len(cells) not in EARLIER_COLUMNS:
                raise DataError(f"{source}, line {reader.line_num}: {len(cells)} cells instead of {len(COLUMNS)}")
            row = LogRow(*map(unguarded, cells))
            yield _from_original(row) if len(cells) == EARLIER_COLUMNS[0] else row
    except csv.Error as error:
        raise DataError(f"{source}, line {reader.line_num}: {error}") from error


_ORIGINAL_DECISIONS = {"accept": "accepted", "reject": "unsure", "no_value": "unfilled:no-value"}


def _from_original(row: LogRow) -> LogRow:
    """A row of the original's log in our words: its routes have a slash, its signals are joined by commas."""
    return replace(
        row,
        route=row.route.removeprefix("/"),
        required=row.required.lower(),
        confidence_signals=row.confidence_signals.replace(",", ";"),
        decision=_ORIGINAL_DECISIONS.get(row.decision, row.decision),
    )


def field_cell(field: FieldDescriptor) -> str:
    """A field's description as one bounded JSON text, without its selector, which has a column of its own.

    It holds all that decisions depend on (`is_cut`: if it does not), so that a logged decision can be made again.
    """
    read = field.model_copy(update={"options": read_options(field.options)})
    described = read.model_dump(mode="json", exclude_defaults=True, exclude=set(NOT_LOGGED))
    options = [_option(place >= FIRST_OPTIONS, **option) for place, option in enumerate(described.pop("options", ()))]
    longest = MAX_TEXT
    mark: dict[str, object] = {}
    while len(cell := _json(described | ({"options": options} if options else {}) | mark)) > MAX_FIELD_CELL:
        mark = {CUT: True}
        if options:
            options = options[: len(options) // 2]
        else:
            longest //= 2
            described = {key: value[:longest] if isinstance(value, str) else value for key, value in described.items()}
    return cell


def read_options(options: Sequence[Option]) -> Sequence[Option]:
    """The options that decisions read: the first ones, as favoured ones are alike, and then some from the whole rest of the list.

    At most `MAX_OPTIONS`. Of options that it has returned, it returns all: with those of a description, a decision can be made again.
    """
    if len(options) <= MAX_OPTIONS:
        return options
    rest, chosen = options[FIRST_OPTIONS:], MAX_OPTIONS - FIRST_OPTIONS
    return (*options[:FIRST_OPTIONS], *(rest[place * (len(rest) - 1) // (chosen - 1)] for place in range(chosen)))


def _option(is_cut: bool, value: str = "", text: str = "") -> dict[str, str]:
    kept = {"value": value[:MAX_OPTION_TEXT] if text or is_cut else value, "text": text[:MAX_OPTION_TEXT] if is_cut else text}
    return {key: content for key, content in kept.items() if content}


def _json(described: Mapping[str, object]) -> str:
    return json.dumps(described, ensure_ascii=False).translate(_LINE_ENDS)


def is_cut(cell: str) -> bool:
    """Whether a field's description lacks something that decisions depend on. Raises ValueError when it is not JSON."""
    described = json.loads(cell)
    return not isinstance(described, dict) or CUT in described


def signals_cell(signals: Iterable[str]) -> str:
    """Signals as one cell; a `;` inside one becomes a comma."""
    return ";".join(signal.replace(";", ",") for signal in signals)


def user_hash(key: bytes, issuer: str, subject: str) -> str:
    """HMAC-SHA256 of issuer and subject with the stored key, in hex: the same for the same user, and not reversible."""
    return hmac.new(key, f"{issuer}\n{subject}".encode(), hashlib.sha256).hexdigest()


def site_hash(key: bytes, origin: str) -> str:
    """The first 64 bits of HMAC-SHA256 of a page's origin ("" for a page without one), in hex.

    With the stored key of the user hashes: without the key it can't be traced back to the site.
    """
    return hmac.new(key, f"site\n{origin}".encode(), hashlib.sha256).hexdigest()[:16]
