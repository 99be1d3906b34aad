"""`make bench-index`: an index of many synthetic synonyms, as exact search and as a graph (docs/decisions/0014).

Build time, recall@1 and the time of a search, with one thread. Both are searched in turn, ten texts at a time, as a form asks.
"""

import statistics
import time
from functools import partial
from typing import Annotated

import faiss
import numpy as np
import typer
from benchmarks.shared.output import stdout, table
from numpy.typing import NDArray

from fieldwise_training.index.search import Search, exact, graph, recall_at_1

DIMENSION, TEXTS_PER_MEANING = 384, 40
SPREAD, BESIDE = 0.04, 0.03
"""Standard deviations, by component, of a meaning's synonyms around it and of a query beside a synonym."""
BATCH, ROUNDS, NEIGHBOURS = 10, 50, 16


def synthetic(count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unit vectors of `count` synonyms in clusters, and of 1,000 texts beside some of them: float32 (n, 384)."""
    draw = np.random.default_rng(0)
    meanings = _unit(draw.normal(size=(max(count // TEXTS_PER_MEANING, 1), DIMENSION)))
    synonyms = _unit(meanings[draw.integers(0, len(meanings), count)] + SPREAD * draw.normal(size=(count, DIMENSION)))
    chosen = synonyms[draw.integers(0, count, 1_000)]
    return synonyms, _unit(chosen + BESIDE * draw.normal(size=chosen.shape))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _timed(search: Search, queries: NDArray[np.float32]) -> float:
    """Milliseconds of a search, for one of `BATCH` texts."""
    start = time.perf_counter()
    search.index.search(queries, NEIGHBOURS)
    return (time.perf_counter() - start) * 1e3 / len(queries)


def main(entries: Annotated[int, typer.Option(help="Synonyms in the index.")] = 100_000) -> None:
    """Prints the table."""
    faiss.omp_set_num_threads(1)
    vectors, queries = synthetic(entries)
    searches, built = [], []
    for make in (partial(exact, vectors), partial(graph, vectors, queries)):
        start = time.perf_counter()
        searches.append(make())
        built.append(time.perf_counter() - start)
    nearest = searches[0].index.search(queries, 1)[0][:, 0]
    batches = [queries[start : start + BATCH] for start in range(0, ROUNDS * BATCH, BATCH)]
    times = [[_timed(search, batch) for search in searches] for batch in batches]
    shown = table(f"{entries:,} vectors", "search", "parameters", "built in s", "recall@1", "ms a text")
    for number, search in enumerate(searches):
        parameters = ", ".join(f"{name} {value}" for name, value in search.facts.parameters.items())
        recall = recall_at_1(search.index, queries, nearest)
        median = statistics.median(time[number] for time in times)
        shown.add_row(search.facts.type, parameters, f"{built[number]:.1f}", f"{recall:.4f}", f"{median:.2f}")
    stdout().print(shown)


if __name__ == "__main__":
    typer.run(main)
