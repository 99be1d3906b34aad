"""Where a benchmark keeps its figures."""

from pathlib import Path

from pydantic import BaseModel

from fieldwise_common.errors import DataError


def write(figures: BaseModel, out: Path) -> None:
    """The figures as JSON. Raises DataError when the file can't be written."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(figures.model_dump_json(indent=1) + "\n", "utf-8")
    except OSError as error:
        raise DataError(f"{out} can't be written to: {error.strerror}") from error
