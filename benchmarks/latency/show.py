"""The tables of a run."""

from collections.abc import Iterator

from benchmarks.latency.figures import Latency, UsualForm
from rich.console import RenderableType
from rich.table import Table


def tables(latency: Latency) -> Iterator[RenderableType]:
    """Everything that is printed, piece by piece."""
    usual = latency.usual_form
    yield f"{latency.model_version}, Python {latency.python}; milliseconds, one thread"
    yield usual_table(usual)
    yield f"with / without the ranker: {usual.ratio:.3f}; the ranker's own time / the rest of the answer: {usual.added:.3f}"
    yield pairs_table("other forms (median)", latency)
    start = latency.cold_start.model_dump()
    yield _plain("a fresh process (median)", "ms", {name.replace("_", " "): value for name, value in start.items()})
    yield _plain("files served", "MB", {**latency.megabytes, "together": round(sum(latency.megabytes.values()), 2)})


def usual_table(usual: UsualForm) -> Table:
    """The form that latency is promised for, and the parts of its answer."""
    texts = f"of these, the encoder on {usual.encoded_texts} texts"
    rows = {
        "with the ranker": usual.with_ranker,
        texts: usual.encoder,
        "of these, the ranker": usual.ranker,
        "without the ranker": usual.without_ranker,
        "with the ranker, vectors remembered": usual.remembered,
    }
    title = f"{usual.fields} fields, texts never seen ({usual.requests} forms × {usual.rounds} rounds)"
    table = Table("", title=title, title_justify="left", title_style="bold")
    for heading in ("median", "p95"):
        table.add_column(heading, justify="right")
    for name, spread in rows.items():
        table.add_row(name, f"{spread.median:.2f}", f"{spread.p95:.2f}")
    return table


def pairs_table(title: str, latency: Latency) -> Table:
    """The requests at the limits, with and without the ranker."""
    table = Table("", title=title, title_justify="left", title_style="bold")
    for heading in ("with ranker", "without"):
        table.add_column(heading, justify="right")
    for name, pair in {"300 fields": latency.largest_form, "one field, 500 options": latency.many_options}.items():
        table.add_row(name, f"{pair['with_ranker']:.2f}", f"{pair['without_ranker']:.2f}")
    return table


def _plain(title: str, unit: str, values: dict[str, float]) -> Table:
    table = Table("", title=title, title_justify="left", title_style="bold")
    table.add_column(unit, justify="right")
    for name, value in values.items():
        table.add_row(name, f"{value:.2f}")
    return table
