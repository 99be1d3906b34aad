"""The decision log: its columns, and the one codec that writes and reads them.

CSV (RFC 4180) with every cell quoted, one line per row, and no header: Athena takes the columns from the Glue table,
which a test compares with `COLUMNS`. A row never contains a value of a field or a profile.
"""

import csv
import hashlib
import hmac
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from urllib.parse import urlsplit

from fieldwise_common.errors import DataError

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
    """classify, fill or feedback."""
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


COLUMNS = tuple(f.name for f in fields(LogRow))


def guarded(cell: str) -> str:
    """The cell as one line that no spreadsheet evaluates; `unguarded` reverses the guard, not the joined lines."""
    flat = " ".join(cell.splitlines()) if not cell.isprintable() else cell
    flat = flat.replace("\x00", "")
    return GUARD + flat if flat.startswith(FORMULA_STARTS) else flat


def unguarded(cell: str) -> str:
    """A cell as it was before `guarded`."""
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(FORMULA_STARTS) else cell


def encode(rows: Iterable[LogRow]) -> str:
    """Rows as CSV text; each ends in a newline."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([guarded(cell) for cell in asdict(row).values()] for row in rows)
    return out.getvalue()


def decode(text: str, source: str) -> Iterator[LogRow]:
    """The rows of CSV text; a header line is skipped. Raises DataError naming `source` and line."""
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            if tuple(cells) == COLUMNS or not cells:
                continue
            if len(cells) != len(COLUMNS):
                raise DataError(f"{source}, line {reader.line_num}: {len(cells)} cells instead of {len(COLUMNS)}")
            yield LogRow(*map(unguarded, cells))
    except csv.Error as error:
        raise DataError(f"{source}, line {reader.line_num}: {error}") from error


def signals_cell(signals: Iterable[str]) -> str:
    """Signals as one cell; a `;` inside one becomes a comma."""
    return ";".join(signal.replace(";", ",") for signal in signals)


def user_hash(key: bytes, issuer: str, subject: str) -> str:
    """HMAC-SHA256 of issuer and subject with the stored key, in hex: the same for the same user, and not reversible."""
    return hmac.new(key, f"{issuer}\n{subject}".encode(), hashlib.sha256).hexdigest()


def origin_of(url: str) -> str:
    """Scheme, host and port of a web URL; "" for any other text. Path, query and credentials are never logged."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    is_web = parts.scheme in {"http", "https"} and parts.hostname
    return f"{parts.scheme}://{parts.hostname}{port}" if is_web else ""
