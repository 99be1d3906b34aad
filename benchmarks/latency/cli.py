"""`make bench-latency`: time the published version of a store, print the figures, write them as JSON.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is at fault.
"""

import platform
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.json_file import write
from benchmarks.latency.cold_start import cold_start
from benchmarks.latency.figures import Latency
from benchmarks.latency.forms import cut_to_size, held_out_forms, largest_form, many_options
from benchmarks.latency.show import tables
from benchmarks.latency.timing import beside, usual_form
from benchmarks.latency.version import opened
from benchmarks.quality.serving.stores import LOCAL, local_store
from rich.console import Console

from fieldwise_common.errors import FieldwiseError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure how fast forms are classified.")
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


def measure(store: str, requests: int, rounds: int) -> Latency:
    """Everything, one thing after the other. Raises ModelError, StoreError, SettingsError or DataError."""
    forms = held_out_forms()
    cut = cut_to_size(forms)
    usual = cut[:: max(1, len(cut) // requests)][:requests]
    with opened(store) as version:
        return Latency(
            model_version=version.version.version,
            python=platform.python_version(),
            usual_form=usual_form(version, usual, rounds),
            largest_form=beside(version, largest_form(forms), rounds),
            many_options=beside(version, many_options(), rounds),
            cold_start=cold_start(store, usual[0], rounds),
            megabytes={name: round(size / 1e6, 2) for name, size in sorted(version.sizes.items())},
        )


@app.command()
def latency(
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; else the embedded stack's store.")] = "",
    out: Annotated[Path, typer.Option(help="Where the JSON goes.", show_default=False)] = LOCAL / "latency.json",
    forms: Annotated[int, typer.Option(min=1, help="Forms of usual size, spread over the held-out ones.")] = 60,
    rounds: Annotated[int, typer.Option(min=1, help="Times each is run.")] = 5,
) -> None:
    """Times answers, their parts, the limits and a cold start."""
    try:
        measured = measure(store or local_store(), forms, rounds)
        write(measured, out)
    except FieldwiseError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    console = Console(highlight=False)
    for piece in tables(measured):
        console.print(piece)
    console.print(f"written: {out}", soft_wrap=True, markup=False)
