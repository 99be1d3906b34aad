"""`make quality`: measure a version on forms whose truth is known, print the figures, write figures and pictures.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is at fault.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.quality.run import Form, measure
from benchmarks.quality.serving.stores import LOCAL, local_store
from benchmarks.quality.show.files import write_files
from benchmarks.quality.show.tables import tables
from benchmarks.quality.truth.read import read_truth
from rich.console import Console
from rich.progress import track

from fieldwise_common.errors import FieldwiseError

WIDTH_OF_A_FILE = 140
"""Characters a line may have where nobody's terminal sets the limit."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure how well forms are understood.")
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


def _shown(forms: Sequence[Form]) -> Iterable[Form]:
    return track(forms, description="classifying", console=complaints, transient=True, disable=not complaints.is_terminal)


@app.command()
def quality(
    fields: Annotated[Path, typer.Argument(help="A truth file; or authored forms, a file or a folder.")],
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; else the embedded stack's store.")] = "",
    held_out: Annotated[bool, typer.Option("--held-out", help="Of authored forms, only the sites no version is made from.")] = False,
    out: Annotated[Path, typer.Option(help="Where figures and pictures go.", show_default=False)] = LOCAL / "quality",
) -> None:
    """Classifies every form through the inference handler and compares with the truth."""
    try:
        run = measure(read_truth(fields, held_out), store or local_store(), _shown)
        written = write_files(run, out)
    except FieldwiseError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    for piece in tables(run.quality):
        console.print(piece)
    console.print("written: " + ", ".join(map(str, written)), soft_wrap=True, markup=False)
