"""The figures as tables."""

from collections.abc import Iterator, Mapping

from benchmarks.serving.figures import USUAL, Bench, Row, Start
from benchmarks.shared.output import table
from rich.console import RenderableType
from rich.table import Table

MARKS = {True: "met", False: "not met", None: ""}


def tables(bench: Bench) -> Iterator[RenderableType]:
    """Everything that is printed, in order."""
    machine = ", ".join(f"{name} {value}" for name, value in bench.machine.items())
    yield f"{bench.model_version}, {bench.entries:,} canonical texts; {machine}"
    yield "Medians, measured alternately with the reference in this run. Fieldwise uses one thread by design."
    for threads in sorted({row.threads for row in bench.rows}):
        rows = [row for row in bench.rows if row.threads == threads]
        yield _rows(f"{threads} thread{'s' if threads > 1 else ''}", rows)
    shown = table(
        "By the processor's time (ms), which other load on the machine changes less", "", "reference", "unseen", "ratio", "again", "ratio"
    )
    for one in bench.by_threads:
        for case in one.cases:
            theirs, first, again = (timing.processor for timing in (case.reference, case.unseen, case.again))
            name = (
                f"{case.fields} of {case.kind}, {one.threads} thread{'s' if one.threads > 1 else ''} ({case.forms} forms × {case.rounds})"
            )
            shown.add_row(
                name, *(f"{value:.1f}" for value in (theirs, first)), _times(theirs / first), f"{again:.1f}", _times(theirs / again)
            )
    theirs, ours, floor = (bench.start[side].processor for side in ("reference", "handler", "floor"))
    shown.add_row("process start to first answer", f"{theirs:.1f}", f"{ours:.1f}", _times(theirs / ours), "", "")
    shown.add_row("… divided by the floor", "", _times(ours / floor), "", "", "")
    yield shown
    for parts in bench.parts:
        reach = f"the texts of {parts.share:.0%} of the fields reach the encoder, {parts.texts:.1f} a form"
        title = f"{USUAL} fields of {parts.kind}, by part (mean ms of processor time); {reach}"
        shown = table(title, "", "unseen", "again")
        for part, value in parts.unseen.items():
            shown.add_row(part, f"{value:.2f}", f"{parts.again[part]:.2f}")
        yield shown
    for side, title in (("handler", "Fieldwise's handler"), ("floor", "the floor"), ("reference", "the reference")):
        yield from _start(title, bench.start[side])
    shown = table("Peak memory (MB)", "", "after the start", "after the forms")
    for one in bench.by_threads:
        for side, memory in one.memory.items():
            shown.add_row(f"{side}, threads: {one.threads}", f"{memory.after_start:.0f}", f"{memory.after_forms:.0f}")
    yield shown


def _rows(title: str, rows: list[Row]) -> Table:
    shown = table(title, "", "reference", "Fieldwise", "ratio", "goal", "")
    for row in rows:
        reference = f"{row.reference:.1f} {row.unit}" if row.reference is not None else ""
        shown.add_row(row.name, reference, f"{row.fieldwise:.1f} {row.unit}", _ratio(row), _goal(row), MARKS[row.is_met])
    return shown


def _ratio(row: Row) -> str:
    if row.better is None:
        return ""
    return f"{1 / row.better:.2f} ×" if row.unit == "MB" else _times(row.better)


def _goal(row: Row) -> str:
    if row.limit is not None:
        return f"≤ {row.limit:g} {row.unit}"
    if row.goal is None:
        return ""
    return f"≤ {1 / row.goal:g} ×" if row.unit == "MB" else f"≥ {row.goal:g} ×"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} ×"


def _start(title: str, start: Start) -> Iterator[Table]:
    yield _phases(f"A fresh process: {title}, {start.milliseconds:.0f} ms", start.phases)
    if start.reported:
        yield _phases("… by its own account", start.reported)


def _phases(title: str, phases: Mapping[str, float]) -> Table:
    shown = table(title, "", "ms")
    for name, value in phases.items():
        shown.add_row(name, f"{value:.0f}")
    return shown
