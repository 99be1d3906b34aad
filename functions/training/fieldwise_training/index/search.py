"""How an index searches, by its size: exactly; or roughly among short codes, and then exactly among the candidates found.

A text must get the answer of exact search (docs/decisions/0027). So recall@1 is measured when an index is built: the search is
widened until it is enough, and if none is, the simpler index is built instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.nearest import NEIGHBOURS
from fieldwise_inference.classify.ports import Vectors
from fieldwise_training.state import IndexFacts

FLAT_UP_TO = 1_000
"""Vectors up to which every one is compared as it is: codes are fitted to more."""
SCAN_UP_TO = 250_000
"""Vectors up to which every code is compared; beyond, those of the nearest cells (`make bench-index`)."""
MIN_RECALL = 0.99
"""Lowest share of queries whose nearest vector an index must find."""
COMPONENTS_PER_CODE = 2
"""Components of a vector in one code of 4 bits: 96 bytes for 384 components."""
BYTES = 3
"""Bytes of a component that candidates are compared by: with three, no answer differed from exact search's (docs/decisions/0027)."""
REFINED = (4, 8, 16)
"""Candidates compared again, per neighbour asked for (FAISS's `k_factor`): the first with enough recall is used."""
PROBED = (0.04, 0.08, 0.16, 0.32)
"""Share of the cells whose codes are compared, likewise."""
FITTED_TO, BLOCK = 100_000, 50_000
"""Vectors that codes are fitted to, and vectors added at a time: a million of them take up three times their memory otherwise."""
SPARE = 20
"""Neighbours searched beyond those that serving needs: texts of the same tokens have the same vector, and all of them must be seen."""
QUERIES = 1_000
SAME_SCORE = 1e-4
"""Two neighbours whose cosines differ by less are equally near, as in `FaissIndex`."""


@dataclass(frozen=True, slots=True)
class Search:
    """A FAISS index whose ids are the rows of its vectors, and what it is."""

    index: Any
    facts: IndexFacts


def search_of(vectors: Vectors, queries: Vectors, flat_up_to: int = FLAT_UP_TO, scan_up_to: int = SCAN_UP_TO) -> Search:
    """The index for as many `vectors` (float32 (n, d), unit length), with `MIN_RECALL` on `queries` (float32 (m, d)).

    The same vectors give the same index: FAISS's k-means begins with a fixed seed, and one thread fits and adds.
    """
    if len(vectors) <= flat_up_to or vectors.shape[1] % COMPONENTS_PER_CODE or not len(queries):
        return exact(vectors)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        found = in_cells(vectors, queries) if len(vectors) > scan_up_to else None
        return found or scanned(vectors, queries) or exact(vectors)
    finally:
        faiss.omp_set_num_threads(threads)


def exact(vectors: Vectors) -> Search:
    """Compares a query with every vector by inner product."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return Search(index, IndexFacts(size=len(vectors)))


def scanned(vectors: Vectors, queries: Vectors) -> Search | None:
    """Compares a query with the code of every vector, and the nearest again with the vectors; None without `MIN_RECALL`.

    All codes fit in the processor's cache, and the tables that they are looked up in, in its registers.
    Source: André, Kermarrec and Le Scouarnec, Cache locality is not enough: high-performance nearest neighbor search with product
    quantization fast scan, 2015.
    """
    parts = vectors.shape[1] // COMPONENTS_PER_CODE
    index = _refined(vectors, f"PQ{parts}x4fs")
    nearest = _nearest(vectors, queries)
    for factor in REFINED:
        index.k_factor = factor
        recall = recall_at_1(index, vectors, queries, nearest)
        if recall >= MIN_RECALL:
            parameters = {"M": parts, "bytes": BYTES, "k_factor": factor}
            return Search(index, IndexFacts(size=len(vectors), type="pq", recall=round(recall, 4), parameters=parameters))
    return None


def in_cells(vectors: Vectors, queries: Vectors) -> Search | None:
    """As `scanned`, among the vectors in the cells nearest to the query; None without `MIN_RECALL`.

    Source: Jégou, Douze and Schmid, Product quantization for nearest neighbor search, 2011.
    """
    parts, cells = vectors.shape[1] // COMPONENTS_PER_CODE, int(2 * len(vectors) ** 0.5)
    index = _refined(vectors, f"IVF{cells},PQ{parts}x4fs")
    inverted = faiss.extract_index_ivf(index)
    nearest = _nearest(vectors, queries)
    for share, factor in product(PROBED, REFINED):
        inverted.nprobe, index.k_factor = max(1, int(cells * share)), factor
        recall = recall_at_1(index, vectors, queries, nearest)
        if recall >= MIN_RECALL:
            parameters = {"nlist": cells, "nprobe": inverted.nprobe, "M": parts, "bytes": BYTES, "k_factor": factor}
            return Search(index, IndexFacts(size=len(vectors), type="ivf-pq", recall=round(recall, 4), parameters=parameters))
    return None


def _refined(vectors: Vectors, codes: str) -> Any:
    """An index of `codes` whose candidates are compared again by `BYTES` bytes a component.

    FAISS rounds a component to one byte. A vector is therefore stored beside what rounding left of it, `BYTES` times in a row, and a
    query is repeated as often: the sum of the products is that with the finely rounded vector.
    """
    dimension, metric = vectors.shape[1], faiss.METRIC_INNER_PRODUCT
    sample = vectors[_sample(vectors)]
    roundings = []
    rest = sample
    for _ in range(BYTES):
        roundings.append(faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, metric))
        roundings[-1].train(rest)
        rest = rest - roundings[-1].sa_decode(roundings[-1].sa_encode(rest))

    def parts(block: Vectors) -> Vectors:
        stored = [block]
        for rounding in roundings[:-1]:
            stored.append(stored[-1] - rounding.sa_decode(rounding.sa_encode(stored[-1])))
        return np.hstack(stored)

    first_part = faiss.RemapDimensionsTransform(dimension * BYTES, dimension, False)  # type: ignore[arg-type]  # missing in its type hints
    coarse = faiss.IndexPreTransform(first_part, faiss.index_factory(dimension, codes, metric))
    index = faiss.IndexRefine(coarse, faiss.index_factory(dimension * BYTES, "SQ8", metric))
    index.train(parts(sample))
    for start in range(0, len(vectors), BLOCK):
        index.add(parts(vectors[start : start + BLOCK]))
    return index


def _sample(vectors: Vectors) -> NDArray[np.int64]:
    """Rows to fit to: `FITTED_TO` evenly spread, and those with the extremes of each component, which rounding must reach."""
    spread = np.linspace(0, len(vectors) - 1, min(FITTED_TO, len(vectors))).astype(np.int64)
    rows: NDArray[np.int64] = np.unique(np.concatenate([spread, vectors.argmin(axis=0), vectors.argmax(axis=0)]))
    return rows


def _nearest(vectors: Vectors, queries: Vectors) -> NDArray[np.float32]:
    """The cosine of the vector nearest to each query: float32 (m,)."""
    found: NDArray[np.float32] = exact(vectors).index.search(queries, 1)[0][:, 0]
    return found


def recall_at_1(index: Any, vectors: Vectors, queries: Vectors, nearest: NDArray[np.float32]) -> float:
    """Share of queries whose first neighbour in `index` is as near as the nearest of `vectors`. `nearest`: its cosine, float32 (m,)."""
    repeated = np.tile(queries, index.d // queries.shape[1])
    rows = index.search(repeated, NEIGHBOURS + SPARE)[1][:, 0]
    return float(np.mean((queries * vectors[rows]).sum(axis=1) >= nearest - SAME_SCORE))


def misspelt(texts: Sequence[str], count: int = QUERIES) -> list[str]:
    """At most `count` of the texts, evenly spread, each without its middle character: like a label, near a known text but not equal."""
    positions = np.unique(np.linspace(0, len(texts) - 1, min(count, len(texts))).astype(int))
    chosen = [texts[position] for position in positions]
    return [text[: len(text) // 2] + text[len(text) // 2 + 1 :] if len(text) > 1 else text for text in chosen]
