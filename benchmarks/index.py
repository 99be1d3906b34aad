"""`make bench-index`: how time, memory and file size of an index grow with its vectors (docs/decisions/0027).

For each size, exact search and the index that a training builds, in a process of its own with one thread: seconds to build, MB of the
file, milliseconds to load it, MB of the process once it has searched, milliseconds of a search for one text, recall@1. As a table, a
JSON file and a plot.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import faiss
import numpy as np
import typer
from benchmarks.shared.output import stdout, table, write_json
from benchmarks.shared.store import LOCAL
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydantic import BaseModel

from fieldwise_inference.classify.nearest import NEIGHBOURS
from fieldwise_inference.serving.index import read_vectors
from fieldwise_training.index.search import SPARE, exact, recall_at_1, search_of

SIZES = (1_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
DIMENSION, TEXTS_PER_MEANING, QUERIES = 384, 40, 1_000
DECAY = 0.4
"""The n-th widest direction of synonyms' vectors is n ** -DECAY as wide as the widest, as measured on a version's."""
SPREAD, BESIDE = 1.0, 0.45
"""Length of what a meaning's synonyms differ by from it, and a query from a synonym, of the length of a meaning's vector."""
EXACT, BUILT = "exact", "as built"
INK, MARK = "#2a6f97", "#c1121f"


class Measured(BaseModel):
    """An index of `vectors`: MB are of 10⁶ bytes; `memory_mb` is what the process grew by at most, pages of a mapped file included."""

    vectors: int
    search: str
    type: str
    parameters: dict[str, int]
    build_s: float
    file_mb: float
    load_ms: float
    memory_mb: float
    p50_ms: float
    recall: float


class Growth(BaseModel):
    """Every index measured."""

    measured: list[Measured]


SMALLEST = 0.01
"""What is drawn for less: a logarithmic axis has no zero."""


def synthetic(count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unit vectors of `count` synonyms in clusters, and of `QUERIES` texts beside some of them: float32 (n, 384)."""
    draw = np.random.default_rng(0)
    widths = np.arange(1, DIMENSION + 1, dtype=np.float32) ** -DECAY

    def drawn(rows: int, length: float) -> NDArray[np.float32]:
        vectors = draw.standard_normal((rows, DIMENSION), np.float32) * widths
        return vectors * np.float32(length / np.linalg.norm(widths))

    meanings = drawn(max(count // TEXTS_PER_MEANING, 1), 1.0)
    synonyms = drawn(count, SPREAD)
    synonyms += meanings[draw.integers(0, len(meanings), count)]
    synonyms /= np.linalg.norm(synonyms, axis=1, keepdims=True)
    queries = synonyms[draw.integers(0, count, QUERIES)] + drawn(QUERIES, BESIDE)
    return synonyms, queries / np.linalg.norm(queries, axis=1, keepdims=True)


def _peak() -> float:
    """MB of memory that this process has occupied at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def build(count: int, folder: Path) -> list[Measured]:
    """Builds both indexes into `folder`, beside the queries; what loading and searching cost is not measured yet."""
    vectors, texts = synthetic(count)
    chosen_by, queries = texts[::2], texts[1::2]
    found = []
    nearest = np.empty(0, np.float32)
    for name in (EXACT, BUILT):
        start = time.perf_counter()
        made = exact(vectors) if name == EXACT else search_of(vectors, chosen_by)
        seconds = time.perf_counter() - start
        if name == EXACT:
            nearest = made.index.search(queries, 1)[0][:, 0]
        path = folder / name
        faiss.write_index(made.index, str(path))
        recall = recall_at_1(made.index, vectors, queries, nearest)
        facts = made.facts.model_dump(include={"type", "parameters"})
        size = path.stat().st_size / 1e6
        found.append(
            Measured(vectors=count, search=name, **facts, build_s=seconds, file_mb=size, load_ms=0, memory_mb=0, p50_ms=0, recall=recall)
        )
        del made
    np.save(folder / "queries.npy", queries, allow_pickle=False)
    return found


def serve(path: Path) -> dict[str, float]:
    """Loads an index and searches it for one text after another, in a fresh process: what it costs there."""
    queries = np.load(path.with_name("queries.npy"), allow_pickle=False)
    before, start = _peak(), time.perf_counter()
    index = read_vectors(path)
    load = time.perf_counter() - start
    times = []
    for query in np.tile(queries, index.d // DIMENSION):
        start = time.perf_counter()
        index.search(query[None], NEIGHBOURS + SPARE)
        times.append(time.perf_counter() - start)
    return {"load_ms": load * 1e3, "memory_mb": _peak() - before, "p50_ms": statistics.median(times) * 1e3}


def measure(count: int) -> list[Measured]:
    """Both indexes of `count` vectors. The processes that build and that serve are others, so that none has the memory of another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = [Measured.model_validate(one) for one in _in_a_process("build", str(count), name)]
        return [one.model_copy(update=_in_a_process("serve", str(folder / one.search))) for one in built]


def _in_a_process(*arguments: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.index", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 this module


def draw(measured: Sequence[Measured], path: Path) -> None:
    """Search time, memory, file and build time against the number of vectors, all logarithmic, as a PNG."""
    figure = Figure(figsize=(10, 7), layout="constrained", dpi=100)
    plots = {"p50_ms": "ms to search for a text (p50)", "memory_mb": "MB of memory", "file_mb": "MB of the file", "build_s": "s to build"}
    for axes, (column, title) in zip(figure.subplots(2, 2).flat, plots.items(), strict=True):
        for name, colour in ((EXACT, MARK), (BUILT, INK)):
            rows = [one for one in measured if one.search == name]
            shown = [max(getattr(one, column), SMALLEST) for one in rows]
            axes.plot([one.vectors for one in rows], shown, "o-", color=colour, markersize=4, label=name)
        axes.set(xscale="log", yscale="log", title=title, xlabel="vectors")
        axes.grid(alpha=0.3)
    figure.axes[0].legend(frameon=False)
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="How an index grows with its vectors.")


@app.command("build", hidden=True)
def _build(entries: int, folder: Path) -> None:
    faiss.omp_set_num_threads(1)
    typer.echo(json.dumps([one.model_dump() for one in build(entries, folder)]))


@app.command("serve", hidden=True)
def _serve(path: Path) -> None:
    faiss.omp_set_num_threads(1)
    typer.echo(json.dumps(serve(path)))


@app.command()
def grow(
    entries: Annotated[int, typer.Option(help="Up to how many vectors.")] = SIZES[-1],
    out: Annotated[Path, typer.Option(help="The JSON file; the plot is beside it.")] = LOCAL / "bench-index" / "index.json",
) -> None:
    """Measures each size up to `entries`, and prints, saves and draws what it costs."""
    sizes = [size for size in SIZES if size < entries] + [entries]
    measured = [one for size in sizes for one in measure(size)]
    shown = table(
        "An index of many vectors", "vectors", "search", "build s", "file MB", "load ms", "memory MB", "p50 ms", "recall@1", "parameters"
    )
    for one in measured:
        parameters = ", ".join(f"{name} {value}" for name, value in one.parameters.items())
        costs = (f"{one.build_s:.1f}", f"{one.file_mb:.1f}", f"{one.load_ms:.1f}", f"{one.memory_mb:.1f}", f"{one.p50_ms:.3f}")
        shown.add_row(f"{one.vectors:,}", f"{one.search}: {one.type}", *costs, f"{one.recall:.4f}", parameters)
    stdout().print(shown)
    write_json(Growth(measured=measured), out)
    draw(measured, out.with_suffix(".png"))
    stdout().print(f"saved: {out} and {out.with_suffix('.png')}")


if __name__ == "__main__":
    app(prog_name="bench-index")
