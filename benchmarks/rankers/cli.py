"""`make bench-rankers`: fit every approach on the same forms, measure them on the same others, print one table a set of forms.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is at fault.
"""

from pathlib import Path
from typing import Annotated

import torch
import typer
from benchmarks.json_file import write
from benchmarks.quality.serving.stores import LOCAL, local_store
from benchmarks.rankers.approaches.registry import APPROACHES
from benchmarks.rankers.measure import NO_RANKER
from benchmarks.rankers.run import compare
from benchmarks.rankers.show import tables
from rich.console import Console

from fieldwise_common.errors import FieldwiseError, SettingsError

WIDTH_OF_A_FILE = 140
"""Characters a line may have where nobody's terminal sets the limit."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Compare approaches to ranking.")
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def rankers(
    fields: Annotated[Path | None, typer.Argument(help="A truth file to measure on besides the held-out forms.")] = None,
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; else the embedded stack's store.")] = "",
    only: Annotated[list[str] | None, typer.Option(help=f"{NO_RANKER}, {', '.join(APPROACHES)}; may come several times.")] = None,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.", show_default=False)] = LOCAL / "rankers.json",
) -> None:
    """Fits, calibrates, measures and times each approach."""
    torch.set_num_threads(1)
    try:
        unknown = set(only or ()) - {NO_RANKER, *APPROACHES}
        if unknown:
            raise SettingsError(f"--only: there is no approach {', '.join(sorted(unknown))}")
        compared = compare(store or local_store(), fields, only or (), lambda said: complaints.print(said, style="dim"))
        write(compared, out)
    except FieldwiseError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    for piece in tables(compared):
        console.print(piece)
    console.print(f"written: {out}", soft_wrap=True, markup=False)
