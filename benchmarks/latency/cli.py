"""`make bench-latency`: time the published version of a store, print the figures, write them as JSON.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is wrong.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.latency.timing import Latency, measure
from benchmarks.shared.output import errors_in_one_line, stdout, table, write_json
from benchmarks.shared.store import LOCAL, local_store
from rich.console import RenderableType
from rich.table import Table

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure how fast forms are classified.")


@app.command()
def latency(
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's store.")] = "",
    out: Annotated[Path, typer.Option(help="The JSON file for the figures.", show_default=False)] = LOCAL / "latency.json",
    forms: Annotated[int, typer.Option(min=1, help="Forms of usual size, spread over the held-out ones.")] = 60,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed.")] = 5,
    against: Annotated[str, typer.Option(help="A store with another version, whose ranker is timed beside this one's.")] = "",
) -> None:
    """Times answers, their parts, the largest requests and a cold start."""
    with errors_in_one_line():
        measured = measure(store or local_store(), forms, rounds, against)
        write_json(measured, out)
    console = stdout()
    for piece in tables(measured):
        console.print(piece)
    console.print(f"written: {out}", soft_wrap=True, markup=False)


def tables(latency: Latency) -> Iterator[RenderableType]:
    """Everything that is printed, in order."""
    usual = latency.usual_form
    yield f"{latency.model_version}, Python {latency.python}; milliseconds, one thread"
    spreads = {
        "with the ranker": usual.with_ranker,
        f"of these, the encoder on {usual.encoded_texts} texts": usual.encoder,
        "of these, the ranker": usual.ranker,
        "without the ranker": usual.without_ranker,
        "with the ranker, vectors cached": usual.cached,
    }
    title = f"{usual.fields} fields, texts never seen, processor time ({usual.requests} forms × {usual.rounds} rounds)"
    yield _numbers(title, ("median", "p95"), {name: (spread.median, spread.p95) for name, spread in spreads.items()})
    yield f"with / without the ranker: {usual.ratio:.3f}; the ranker's own time / the rest of the answer: {usual.added:.3f}"
    if latency.against is not None:
        other = latency.against
        rows = {kind: (other.ours[kind], other.theirs[kind], ratio) for kind, ratio in other.ratios.items()}
        yield _numbers(f"the ranker's own time beside that of {other.model_version}", ("ours", "its", "ours / its"), rows)
    extremes = {"300 fields": latency.largest_form, "one field, 500 options": latency.many_options}
    pairs = {name: (pair["with_ranker"], pair["without_ranker"]) for name, pair in extremes.items()}
    yield _numbers("the largest requests (median of processor time)", ("with ranker", "without"), pairs)
    start = latency.cold_start.model_dump()
    yield _numbers("a fresh process (median of elapsed time)", ("ms",), {name.replace("_", " "): (value,) for name, value in start.items()})
    sizes = {**latency.megabytes, "together": sum(latency.megabytes.values())}
    yield _numbers("files served", ("MB",), {name: (size,) for name, size in sizes.items()})


def _numbers(title: str, headings: tuple[str, ...], rows: Mapping[str, tuple[float, ...]]) -> Table:
    shown = table(title, "", *headings)
    for name, values in rows.items():
        shown.add_row(name, *(f"{value:.2f}" for value in values))
    return shown
