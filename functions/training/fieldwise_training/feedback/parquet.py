"""Dataclasses as a Parquet file: a column per field, of text, numbers or truth values."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from fieldwise_common.errors import CorruptVersion

BATCH = 50_000
"""Rows that are converted at a time, so that the file and its rows are not in memory twice."""


class Record(Protocol):
    """A dataclass whose fields are `str`, `int` or `bool`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Record)
_TYPES: dict[Any, Any] = {str: pa.string(), int: pa.int32(), bool: pa.bool_()}


def read_records(path: Path, kind: type[R]) -> list[R]:
    """The rows of a file that `write_records` wrote. Equal texts share one object, as most of them repeat.

    Raises CorruptVersion when the file is not Parquet, or its columns are others.
    """
    expected = _schema(kind)
    shared: dict[Any, Any] = {}
    try:
        file = pq.ParquetFile(path)
        if file.schema_arrow != expected:
            raise CorruptVersion(f"{path.name}: its columns are not those of {kind.__name__}")
        found: list[R] = []
        for batch in file.iter_batches(BATCH):
            columns = ([shared.setdefault(cell, cell) for cell in column.to_pylist()] for column in batch.columns)
            found.extend(kind(*row) for row in zip(*columns, strict=True))
        return found
    except pa.ArrowException as error:
        raise CorruptVersion(f"{path.name} can't be read: {type(error).__name__}") from error


def write_records(rows: Sequence[R], kind: type[R], path: Path) -> None:
    """Writes the rows in their order, compressed with zstd. Equal rows give the same bytes."""
    schema = _schema(kind)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            writer.write_table(pa.table([_column(part, field.name, field.type) for field in schema], schema=schema))


def _column(rows: Iterable[R], name: str, kind: Any) -> Any:
    return pa.array([getattr(row, name) for row in rows], kind)


def _schema(kind: type[Record]) -> Any:
    return pa.schema([pa.field(field.name, _TYPES[field.type], nullable=False) for field in fields(kind)])
