"""The embedding index of a version: nearest-neighbour search with FAISS over the unit vectors of synonyms."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import faiss
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_inference.classify.ports import Neighbour

SCORE_DIGITS = 4
"""Decimals of a cosine. Processors sum in different orders and differ in the seventh digit, which must not order equal scores."""


class IndexMeta(BaseModel):
    """`meta.json`. `entries`: FAISS's integer id → (canonical id, the embedded text)."""

    model_config = ConfigDict(frozen=True)

    metric: Literal["inner_product"]
    kind: Literal["per-synonym", "blob"]
    dimension: int
    type: Literal["flat", "hnsw"] = "flat"
    """Whether every vector is compared, or a graph of them is searched."""
    recall: float = 1.0
    """Share of queries (0..1) whose nearest vector is found, as measured when the index was built."""
    entries: Mapping[int, tuple[str, str]]


class FaissIndex:
    """Finds the nearest synonyms by inner product, which for unit vectors is the cosine similarity."""

    def __init__(self, index: Path, meta: Path) -> None:
        """Raises CorruptVersion if a file can't be read or the two don't match."""
        faiss.omp_set_num_threads(1)
        try:
            self.meta = IndexMeta.model_validate_json(meta.read_bytes())
        except ValidationError as error:
            raise CorruptVersion(f"{layout.INDEX_META}: {error.error_count()} wrong values") from error
        try:
            self._index = faiss.read_index(str(index))
        except RuntimeError as error:
            raise CorruptVersion(f"{layout.INDEX_VECTORS} can't be read") from error
        if self._index.d != self.meta.dimension or self._index.ntotal != len(self.meta.entries) or not self._index.ntotal:
            found, expected = (self._index.ntotal, self._index.d), (len(self.meta.entries), self.meta.dimension)
            raise CorruptVersion(f"{layout.INDEX_VECTORS} has (vectors, dimension) {found}, but {layout.INDEX_META} expects {expected}")

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[Neighbour]]:
        """At most `k` neighbours of each row of `vectors` (float32 (n, d)), by descending score, then by id and text.

        A row with a NaN has none. Scores are rounded to `SCORE_DIGITS`.
        """
        if not len(vectors):
            return []
        scores, ids = self._index.search(np.ascontiguousarray(vectors), min(k, len(self)))
        return [
            sorted(
                (
                    Neighbour(*self.meta.entries[int(i)], score=round(float(score), SCORE_DIGITS))
                    for score, i in zip(row_scores, row_ids, strict=True)
                    if i >= 0
                ),
                key=lambda neighbour: (-neighbour.score, neighbour.canonical, neighbour.text),
            )
            for row_scores, row_ids in zip(scores, ids, strict=True)
        ]
