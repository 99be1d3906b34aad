"""`make bench-loop`: what learning does, in figures, each beside what it is compared with.

Starts its own stack, and trains a first version unless the folder `--state` has one. Exit codes: 0 measured, whatever the figures;
1 the stack or a request failed.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from benchmarks.loop.curve import Point, draw_curve, learning_curve
from benchmarks.loop.full_training import FullTraining, measure_full_training
from benchmarks.loop.memory_cost import MemoryCost, measure_memory
from benchmarks.loop.people import People, on_sites
from benchmarks.loop.recognition import KEYS, Tally, measure
from benchmarks.loop.rings import Rings, Share, simulate
from benchmarks.shared.forms import DATA
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, table, write_json
from benchmarks.shared.store import LOCAL, local_store, open_published
from pydantic import BaseModel
from rich.table import Table

from fieldwise_common.canonical import is_negative
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from local.cli import isolate
from local.run import publish_first_version
from local.stack import Stack, StackConfig
from local.state_folder import StateFolder
from local.train import train

ROOT = Path(__file__).parents[2]
TRAINING_LIMIT_SECONDS = 60.0
"""From StartExecution to the new version's first answer, for 1,000 corrections."""
CONFUSED_LIMIT = 0.001
"""Share of a later page's fields that may be taken for another field."""
USUAL_FIELDS = 20
"""Fields of the form that the memory is timed with."""
MEMORY_LIMIT_MS = 1.0
"""Processor time per classify."""
FULL_THUMBS, FULL_LIMIT_SECONDS, FULL_LIMIT_MB = 5_000, 600.0, 3_000.0
"""Of a full-train: the feedback before it, and its limits."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure what learning from corrections does.")


class Part(StrEnum):
    """What can be measured alone."""

    RECOGNITION = "recognition"
    RINGS = "rings"
    FULL_TRAIN = "full-train"
    CURVE = "curve"


class LoopFigures(BaseModel):
    """All figures of a run; None or empty for parts that were not measured."""

    recognition: Mapping[str, Mapping[str, Mapping[str, int]]] = {}
    """By kind of change and by what fields are recognised by: the counts of `Tally`."""
    rings: Rings | None = None
    memory: MemoryCost | None = None
    full_training: FullTraining | None = None
    curve: Sequence[Point] = ()


@app.command()
def loop(
    state: Annotated[Path | None, typer.Option(help="A folder for the stack's data, kept for the next run.")] = None,
    lies: Annotated[int, typer.Option(min=0, help="False corrections of one user.")] = 10_000,
    only: Annotated[list[Part] | None, typer.Option(help="Measure this part; by default all.")] = None,
    fields: Annotated[Path | None, typer.Option(exists=True, help="A truth file: the curve is measured on its forms, too.")] = None,
    out: Annotated[Path, typer.Option(help="The file for the figures.", show_default=False)] = LOCAL / "loop" / "loop.json",
) -> None:
    """Measures signatures on re-rendered forms, the rings of learning through the API of an embedded stack, and what other sites gain."""
    isolate()
    console = stdout()
    parts = set(only or Part)
    entries = load_canonical(DATA / "canonical")
    forms = [form for form in load_forms(DATA / "corpus", ids_of(entries)) if form.is_held_out]
    figures = LoopFigures()
    with errors_in_one_line(), ExitStack() as running:
        if Part.RECOGNITION in parts:
            _say("fields are looked for on re-rendered pages")
            recognition = measure(forms, entries)
            console.print(_recognition_table(recognition))
            counts = {change: {name: _counts(tally) for name, tally in by.items()} for change, by in recognition.items()}
            figures = figures.model_copy(update={"recognition": counts})
        if parts & {Part.RINGS, Part.FULL_TRAIN}:
            folder = StateFolder(state.resolve() if state else Path(running.enter_context(tempfile.TemporaryDirectory())))
            stack = Stack(StackConfig(ROOT / "template.yaml", folder))
            running.callback(stack.stop)
            publish_first_version(stack, folder)
            people = People(stack.url, stack.issuer.token)
        if Part.RINGS in parts:
            _say("processor time of a user's memory")
            memory = measure_memory(stack, min(on_sites(forms), key=lambda form: abs(len(form.fields) - USUAL_FIELDS)))
            ids = sorted(c for c in ids_of(entries) if not is_negative(c))
            rings = simulate(people, on_sites(forms), ids, lies, lambda: _train(stack, people), _say)
            console.print(_rings_table(rings, memory))
            figures = figures.model_copy(update={"rings": rings, "memory": memory})
        if Part.FULL_TRAIN in parts:
            live = open_published(local_store(folder.root)).version
            full = measure_full_training(stack, people, live, on_sites(forms), FULL_THUMBS, _say)
            console.print(_full_training_table(full))
            figures = figures.model_copy(update={"full_training": full})
        if Part.CURVE in parts:
            curve = learning_curve(Path(running.enter_context(tempfile.TemporaryDirectory())), fields, _say)
            console.print(_curve_table(curve))
            draw_curve(curve, out.with_name("curve.png"))
            console.print(f"drawn: {out.with_name('curve.png')}", soft_wrap=True, markup=False)
            figures = figures.model_copy(update={"curve": curve})
        write_json(figures, out)
    console.print(f"written: {out}", soft_wrap=True, markup=False)


def _say(what: str) -> None:
    stderr.print(f"  … {time.strftime('%H:%M:%S')} {what}")


def _train(stack: Stack, people: People) -> Mapping[str, Any]:
    """Runs build-index-feedback, and waits for the first answer of the version that is live then."""
    outcome = train(stack.admin, stack.running.state_machine_arn, "build-index-feedback", {}, _say)
    people.wait_until_it_answers()
    return {**outcome.result, "status": outcome.status}


def _counts(tally: Tally) -> dict[str, int]:
    return {"kept": tally.kept, "of": tally.of, "confused": tally.confused, "fields": tally.fields}


def _recognition_table(found: Mapping[str, Mapping[str, Tally]]) -> Table:
    shown = table(
        "Corrected fields on a later page: found again, taken for another field", "what changed", *(f"by {name}" for name in KEYS), "limit"
    )
    for change, by in found.items():
        cells = [f"{_percent((t.kept, t.of))}  {t.confused / max(1, t.fields):.3%}" for t in by.values()]
        shown.add_row(change, *cells, f"{CONFUSED_LIMIT:.1%}")
    return shown


def _rings_table(rings: Rings, memory: MemoryCost) -> Table:
    title = f"{rings.corrections} corrections by {rings.users} users, {rings.liars_corrections} false ones by one more"
    shown = table(title, "", "measured", "compared with", "wanted")
    rows = (
        ("own corrections, in the next request", _percent(rings.own_after), f"{_percent(rings.own_before)} before", "≥ 99 %"),
        ("forms whose answers change for a stranger before a training", _percent(rings.stranger_meanwhile), "", "0 %"),
        ("agreed corrections, right for a stranger", _percent(rings.agreed_after), f"{_percent(rings.agreed_before)} before", "≥ 95 %"),
        ("lone lies that a stranger gets as answers", _percent(rings.lone_lies), f"of {rings.lone_lies[1]}", "0 %"),
        ("changed fields of sites where one user lies", _percent(rings.other_sites_changed), f"of {rings.other_sites_changed[1]}", "0 %"),
        ("changed answers that most users confirm", _percent(rings.confirmed_changed), f"of {rings.confirmed_changed[1]}", "0 %"),
        ("the version is promoted", "yes" if rings.promoted else "no", "", "yes"),
        (
            f"seconds of a training with {rings.corrections + rings.liars_corrections} corrections, to its first answer",
            f"{rings.training_seconds:.1f}",
            f"{rings.training_seconds / TRAINING_LIMIT_SECONDS:.2f} × the limit",
            f"≤ {TRAINING_LIMIT_SECONDS:.0f}",
        ),
        (
            f"processor ms of a memory of {memory.fields} fields, per classify",
            f"{memory.milliseconds:.2f}",
            f"{memory.milliseconds / MEMORY_LIMIT_MS:.2f} × the limit",
            f"≤ {MEMORY_LIMIT_MS:.0f}",
        ),
    )
    for row in rows:
        shown.add_row(*row)
    return shown


def _full_training_table(full: FullTraining) -> Table:
    promoted = "promoted" if full.promoted else "not promoted"
    title = f"full-train with {full.thumbs} thumbs, {full.corrections} of them down: {full.status}, {promoted}"
    shown = table(title, "", "measured", "compared with", "wanted")
    shown.add_row(
        "seconds to its first answer",
        f"{full.seconds:.1f}",
        f"{full.seconds / FULL_LIMIT_SECONDS:.2f} × the limit",
        f"≤ {FULL_LIMIT_SECONDS:.0f}",
    )
    shown.add_row(
        "peak MB of the training function",
        f"{full.peak_mb:.0f}",
        f"{full.peak_mb / FULL_LIMIT_MB:.2f} × the limit",
        f"≤ {FULL_LIMIT_MB:.0f}",
    )
    for step, seconds in full.seconds_by_step.items():
        shown.add_row(f"seconds of {step}", f"{seconds:.1f}", "", "")
    return shown


def _curve_table(curve: Sequence[Point]) -> Table:
    columns = ("forms", "thumbs", "down", "fields measured", "top-1 before", "after", "gain (95 %)", "recall", "precision", "promoted")
    shown = table("What feedback brings to other sites, after full-train (%)", *columns)
    for point in curve:
        own = point.gain
        pairs = (f"{one[0]:.1f} → {one[1]:.1f}" for one in (own.recall, own.precision))
        interval = f"{own.gain:+.2f} ({own.low:+.2f} to {own.high:+.2f})"
        counts = map(str, (point.thumbs, point.corrected, own.fields))
        shown.add_row(
            point.forms, *counts, f"{own.accuracy[0]:.2f}", f"{own.accuracy[1]:.2f}", interval, *pairs, "yes" if point.promoted else "no"
        )
    return shown


def _percent(share: Share) -> str:
    hits, of = share
    return f"{hits / of:.2%}" if of else "–"


if __name__ == "__main__":
    app(prog_name="loop")
