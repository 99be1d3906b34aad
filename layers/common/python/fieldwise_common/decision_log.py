"""The decision log: its columns, and the one codec that writes and reads them.

CSV (RFC 4180) with every cell quoted, one line a row, no header in the objects (Athena reads the columns from the Glue
table, which a test holds against `COLUMNS`). No value of any field or profile is ever in a row.
"""

import csv
import hashlib
import hmac
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from urllib.parse import urlsplit

from fieldwise_common.errors import DataError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "'")
"""A cell that starts with one of these would run as a formula in a spreadsheet, or looks guarded already."""
GUARD = "'"


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row. All cells are text; the field order is the column order."""

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
    """One line, and nothing a spreadsheet would evaluate; `unguarded` gives the (one-line) cell back."""
    flat = " ".join(cell.splitlines()) if not cell.isprintable() else cell
    flat = flat.replace("\x00", "")
    return GUARD + flat if flat.startswith(FORMULA_STARTS) else flat


def unguarded(cell: str) -> str:
    """A cell as it was before `guarded`."""
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(FORMULA_STARTS) else cell


def encode(rows: Iterable[LogRow]) -> str:
    """Rows as CSV text, each ending in a newline."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([guarded(cell) for cell in asdict(row).values()] for row in rows)
    return out.getvalue()


def decode(text: str, source: str) -> Iterator[LogRow]:
    """The rows of CSV text; a header line is passed over. Raises DataError naming `source` and line."""
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            if tuple(cells) == COLUMNS or not cells:
                continue
            if len(cells) != len(COLUMNS):
                raise DataError(f"{source}, line {reader.line_num}: {len(cells)} cells where the log has {len(COLUMNS)}")
            yield LogRow(*map(unguarded, cells))
    except csv.Error as error:
        raise DataError(f"{source}, line {reader.line_num}: {error}") from error


def signals_cell(signals: Iterable[str]) -> str:
    """Signals as one cell; a `;` inside one becomes a comma."""
    return ";".join(signal.replace(";", ",") for signal in signals)


def user_hash(key: bytes, issuer: str, subject: str) -> str:
    """HMAC-SHA256 of issuer and subject under the stored key, in hex: the same user gets the same hash, nobody can go back."""
    return hmac.new(key, f"{issuer}\n{subject}".encode(), hashlib.sha256).hexdigest()


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL; "" for what is none. Path, query and credentials never reach the log."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    is_web = parts.scheme in {"http", "https"} and parts.hostname
    return f"{parts.scheme}://{parts.hostname}{port}" if is_web else ""


def as_columns(row: LogRow) -> Mapping[str, str]:
    """A row by column name, for the structured log line that stands in when the stream fails."""
    return asdict(row)
