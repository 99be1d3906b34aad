"""The application that the commands belong to, and what they share: options, output, errors in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fieldwise_common.errors import FieldwiseError, SettingsError
from fieldwise_common.settings import load_settings
from fieldwise_common.store.model_store import ModelStore, open_store
from fieldwise_training.settings import TrainingSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Make, measure and promote model versions.")
PIPE_WIDTH = 1_000
"""Columns of output into a pipe or file, so that no cell of a table is cut."""
console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
stderr = Console(stderr=True)

Store = Annotated[str | None, typer.Option("--store", help="s3://bucket/prefix or a folder; default: MODEL_STORE.")]

Data = Annotated[Path, typer.Option("--data", help="A folder with canonical/*.json and corpus/**/*.jsonl.", show_default=False)]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Prints our own errors as one line on stderr; exit code 1."""
    try:
        yield
    except FieldwiseError as error:
        stderr.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def settings_for(store: str | None) -> TrainingSettings:
    """The settings from the environment, with the store of the command line, if it is given. Raises SettingsError."""
    return load_settings(TrainingSettings, **({"model_store": store} if store else {}))


def existing_store(store: str | None) -> ModelStore:
    """A store to read: a missing folder is an error, whereas a run creates it."""
    uri = settings_for(store).model_store
    if "://" not in uri and not Path(uri).is_dir():
        raise SettingsError(f"{uri}: no such folder")
    return open_store(uri)
