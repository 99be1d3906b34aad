"""`make bench-processors`: the published version of a store on this machine's processor and on emulated ones, one table.

Exit codes: 0 the same answers everywhere; 1 they differ, or a file or a store is at fault.
"""

import sys
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.latency.version import fetch
from benchmarks.processors.compare import Answers, all_answers, difference
from benchmarks.processors.processors import NATIVE, emulated
from benchmarks.quality.serving.stores import local_store
from rich.console import Console
from rich.table import Table

from fieldwise_common.errors import FieldwiseError

console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


def table(answers: list[Answers]) -> Table:
    """A row for each pair of processors."""
    shown = Table("processors", title=f"{len(answers[0].decisions)} fields, {len(answers[0].vectors)} labels", title_justify="left")
    for heading in ("lowest cosine", "decisions that differ", "largest difference of a score"):
        shown.add_column(heading, justify="right")
    for one, other in combinations(answers, 2):
        found = difference(one, other)
        cells = (f"{found.lowest_cosine:.8f}", str(len(found.decisions)), f"{found.largest_score:.4f}")
        shown.add_row(f"{one.processor} / {other.processor}", *cells)
    return shown


def compare(
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; else the embedded stack's store.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Of the held-out forms, every so many-th; an emulator takes half an hour for all.")] = 1,
    arm64: Annotated[Path | None, typer.Option(help="The folder that benchmarks/processors/arm64-root has made.")] = None,
) -> None:
    """Runs the published version on every processor that can be had here, and compares its vectors and decisions."""
    processors = emulated(arm64)
    for processor in processors:
        if processor.missing:
            complaints.print(f"not compared: {processor.name}: {processor.missing}", style="yellow", markup=False)
    try:
        with tempfile.TemporaryDirectory(prefix="fieldwise-processors-") as temp:
            _, files = fetch(store or local_store(), Path(temp))
            named = Path(temp) / "version"
            named.mkdir()
            for name, path in files.items():
                (named / name).symlink_to(path)
            chosen = [NATIVE, *(processor for processor in processors if not processor.missing)]
            answers = all_answers(chosen, named, every, lambda one: complaints.print(f"{one.processor}: {one.seconds:.0f} s"))
    except FieldwiseError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    console.print(table(answers))
    if not all(difference(one, other).is_none for one, other in combinations(answers, 2)):
        raise typer.Exit(1)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(compare)

if __name__ == "__main__":
    app()
