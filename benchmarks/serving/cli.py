"""`make bench`: measure the published version of a store beside the path it replaced; print the figures, write them as JSON and a picture.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is wrong.
"""

import os
import platform
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.serving.compare import Forms, compare
from benchmarks.serving.driven import setting
from benchmarks.serving.figures import SIZES, USUAL, Bench, rows_of
from benchmarks.serving.picture import draw
from benchmarks.serving.start import cold_starts
from benchmarks.serving.tables import tables
from benchmarks.shared.cut_forms import unseen_forms
from benchmarks.shared.forms import held_out_forms, read_truth
from benchmarks.shared.output import errors_in_one_line, stdout, write_json
from benchmarks.shared.store import LOCAL, local_store

from fieldwise_common.errors import DataError
from fieldwise_common.store.model_store import open_store
from fieldwise_common.wire import FieldDescriptor

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure serving beside the path it replaced.")

JSON_FILE, PICTURE = "bench.json", "bench.png"
FIELDS_OF_LARGE_CASES = 1_000
"""Forms of many fields are fewer: as many as have this many fields together."""
WARM_UP = 3


@app.command()
def bench(
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's store.")] = "",
    fields: Annotated[Path | None, typer.Option(help="A truth file of real forms, measured as well.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for the figures.", show_default=False)] = LOCAL / "bench",
    forms: Annotated[int, typer.Option(min=1, help="Forms of each kind and size.")] = 40,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in fresh processes.")] = 2,
    starts: Annotated[int, typer.Option(min=1, help="Cold starts of each side.")] = 5,
    threads: Annotated[str, typer.Option(help="Numbers of threads, separated by commas.")] = "1,2",
) -> None:
    """Times answers, cold starts and memory of both sides, alternately."""
    with errors_in_one_line():
        measured = measure(store or local_store(), fields, out, forms, rounds, starts, _numbers(threads))
        write_json(measured, out / JSON_FILE)
        draw(measured, out / PICTURE)
    console = stdout()
    for piece in tables(measured):
        console.print(piece)
    console.print(f"written: {out / JSON_FILE}, {out / PICTURE}", soft_wrap=True, markup=False)


def _numbers(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise DataError(f"--threads: {text!r} is not a list of numbers: write 1,2")
    return tuple(dict.fromkeys(map(int, parts)))


def measure(store: str, real: Path | None, out: Path, forms: int, rounds: int, starts: int, threads: tuple[int, ...]) -> Bench:
    """Everything, one thing after the other. Raises ModelError, StoreError, SettingsError or DataError."""
    open_store(store).published()  # fails before anything slow is done
    authored = list(chain.from_iterable(form.request().fields for form in held_out_forms()))
    on_pages = [field.descriptor for form in read_truth(real).forms for field in form] if real is not None else []
    every = chosen(authored, on_pages, forms)
    with setting(store, out / "reference") as processes:
        found = [compare(processes, count, every, rounds) for count in threads]
        measured = Bench(
            model_version=processes.version,
            entries=processes.entries,
            machine=_machine(),
            memory_mb=processes.memory_mb,
            by_threads=tuple(one for one, _ in found),
            parts=tuple(parts for _, several in found for parts in several),
            start=cold_starts(processes, every[0].forms[0], starts),
        )
    return measured.model_copy(update={"rows": rows_of(measured)})


def chosen(authored: list[FieldDescriptor], real: list[FieldDescriptor], most: int) -> list[Forms]:
    """The forms to measure, cut from these fields: authored ones of each size, those of usual size first, and real ones of usual size.

    Raises DataError if there are too few fields.
    """
    sources = [("authored forms", USUAL, authored), *([("real forms", USUAL, real)] if real else [])]
    sources += [("authored forms", size, authored) for size in SIZES if size != USUAL]
    return [_forms(kind, fields, size, most, authored) for kind, size, fields in sources]


def _forms(kind: str, fields: list[FieldDescriptor], size: int, most: int, authored: list[FieldDescriptor]) -> Forms:
    forms = unseen_forms(fields, size, min(most, max(1, FIELDS_OF_LARGE_CASES // size)))
    if not forms:
        raise DataError(f"{kind}: there are fewer than {size} fields, too few for a form of that size")
    return Forms(kind, forms, unseen_forms(authored, USUAL, WARM_UP, but={text for form in forms for text in form.texts}))


def _machine() -> Mapping[str, str]:
    """What the times depend on."""
    info = Path("/proc/cpuinfo")
    flags = info.read_text() if info.is_file() else ""
    vnni = {"VNNI": "yes" if "vnni" in flags else "no"} if flags else {}
    return {"Python": platform.python_version(), "processor": platform.machine(), "cores": str(os.cpu_count()), **vnni}
