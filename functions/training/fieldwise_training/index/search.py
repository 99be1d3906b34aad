"""How an index searches: exactly, or in a graph when there are many vectors; the graph's recall@1 is measured when it is built."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.ports import Vectors
from fieldwise_training.state import IndexFacts

FLAT_UP_TO = 25_000
"""Vectors up to which every one is compared: 3 ms a text on one core, against 0.5 ms in a graph (`make bench-index`)."""
MIN_RECALL = 0.99
"""Lowest share of queries whose nearest vector a graph must find."""
NEIGHBOURS, CONSTRUCTION = 32, 80
"""Edges of a node, and candidates while one is added (FAISS's `M` and `efConstruction`)."""
BREADTHS = (64, 128, 256, 512)
"""Candidates of a search (`efSearch`): the first with enough recall is used."""
QUERIES = 1_000
SAME_SCORE = 1e-4
"""Two neighbours whose cosines differ by less are equally near, as in `FaissIndex`."""


@dataclass(frozen=True, slots=True)
class Search:
    """A FAISS index whose ids are the rows of its vectors, and what it is."""

    index: Any
    facts: IndexFacts


def exact(vectors: Vectors) -> Search:
    """Compares a query with every vector (float32 (n, d), unit length) by inner product."""
    return Search(_filled(faiss.IndexFlatIP(vectors.shape[1]), vectors), IndexFacts(size=len(vectors)))


def graph(vectors: Vectors, queries: Vectors) -> Search:
    """A graph (HNSW) with the narrowest search that has `MIN_RECALL` on `queries` (float32 (m, d)); if none has, exact search.

    Vectors are added one after another, by one thread: the same vectors give the same graph.
    Source: Malkov and Yashunin, Efficient and robust approximate nearest neighbor search using HNSW graphs, 2018.
    """
    truth = exact(vectors)
    nearest, _ = truth.index.search(queries, 1)
    hnsw = faiss.IndexHNSWFlat(vectors.shape[1], NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    hnsw.hnsw.efConstruction = CONSTRUCTION
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        index = _filled(hnsw, vectors)
    finally:
        faiss.omp_set_num_threads(threads)
    for breadth in BREADTHS:
        hnsw.hnsw.efSearch = breadth
        recall = recall_at_1(index, queries, nearest[:, 0])
        if recall >= MIN_RECALL:
            parameters = {"M": NEIGHBOURS, "efConstruction": CONSTRUCTION, "efSearch": breadth}
            return Search(index, IndexFacts(size=len(vectors), type="hnsw", recall=round(recall, 4), parameters=parameters))
    return truth


def _filled(index: Any, vectors: Vectors) -> Any:
    numbered = faiss.IndexIDMap(index)
    numbered.add_with_ids(np.ascontiguousarray(vectors), np.arange(len(vectors), dtype=np.int64))
    return numbered


def recall_at_1(index: Any, queries: Vectors, nearest: NDArray[np.float32]) -> float:
    """Share of queries for which `index` finds a vector as near as the nearest. `nearest`: its cosine, float32 (m,)."""
    found, _ = index.search(queries, 1)
    return float(np.mean(found[:, 0] >= nearest - SAME_SCORE))


def misspelt(texts: Sequence[str], count: int = QUERIES) -> list[str]:
    """At most `count` of the texts, evenly spread, each without its middle character: like a label, near a known text but not equal."""
    positions = np.unique(np.linspace(0, len(texts) - 1, min(count, len(texts))).astype(int))
    chosen = [texts[position] for position in positions]
    return [text[: len(text) // 2] + text[len(text) // 2 + 1 :] if len(text) > 1 else text for text in chosen]
