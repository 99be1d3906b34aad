"""How a benchmark shows its results: tables on stdout, figures in a JSON file, faults as one line on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from fieldwise_common.errors import DataError, FieldwiseError

REDIRECTED_WIDTH = 180
"""Characters in a line when the output is no terminal."""

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def stdout() -> Console:
    """The console for results."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = REDIRECTED_WIDTH
    return console


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Prints an error of ours on stderr, in one line, and exits with 1."""
    try:
        yield
    except FieldwiseError as error:
        stderr.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None


def table(title: str, *columns: str) -> Table:
    """An empty table: its first column names the row, the others are numbers."""
    shown = Table(title=title, title_justify="left", title_style="bold", min_width=min(len(title), 80))
    for number, column in enumerate(columns):
        shown.add_column(column, justify="left" if number == 0 else "right")
    return shown


def write_json(figures: BaseModel, path: Path) -> None:
    """Writes the figures as JSON. Raises DataError when the file can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(figures.model_dump_json(indent=1) + "\n", "utf-8")
    except OSError as error:
        raise DataError(f"can't write {path}: {error.strerror}") from error
