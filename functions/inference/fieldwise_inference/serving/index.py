"""The embedding index of a version: nearest-neighbour search with FAISS over the unit vectors of synonyms."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Literal, Self

import faiss
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_inference.classify.ports import Neighbour

SCORE_DIGITS = 4
"""Decimals of a cosine. Processors sum in different orders and differ in the seventh digit, which must not order equal scores."""

CACHE_SIZE = 4096
"""Vectors whose neighbours are cached, because pages repeat labels. Those of one take about 1 KB."""
KEY_BYTES = 16
"""Of a vector's hash: with 2**64 vectors, two would have the same."""


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, cache_strings="keys")  # texts are distinct: a cache of them only takes time

    metric: Literal["inner_product"]
    kind: Literal["per-synonym", "blob"]
    dimension: int
    type: Literal["flat", "hnsw", "pq", "ivf-pq"] = "flat"
    """How it searches: see `fieldwise_training.index.search`; a graph (`hnsw`) in versions of an earlier release."""
    recall: float = 1.0
    """Share of queries (0..1) whose nearest vector is found, as measured when the index was built."""
    parameters: Mapping[str, int] = Field(default_factory=dict)
    """Of the search, by FAISS's names."""
    spare: int = Field(0, ge=0)
    """Neighbours searched beyond those asked for, so that which of several equally near ones are last does not depend on their order."""


class IndexMeta(_Header):
    """`meta.json`: what each vector is of, in the order of the vectors. Parallel lists are read five times as fast as a pair a vector."""

    ids: list[str]
    """Every canonical id once."""
    id_numbers: list[int]
    """Of each vector, the position of its id in `ids`."""
    texts: list[str]
    """Of each vector, the text that was embedded."""

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        if len(self.id_numbers) != len(self.texts):
            raise ValueError("a vector needs an id and a text")
        if self.id_numbers and not 0 <= min(self.id_numbers) <= max(self.id_numbers) < len(self.ids):
            raise ValueError("an id's number is not of the list of ids")
        return self


class _EarlierMeta(_Header):
    """`meta.json` of an earlier release: FAISS's integer id → (canonical id, the embedded text)."""

    entries: Mapping[int, tuple[str, str]]

    def as_lists(self) -> IndexMeta:
        rows = [self.entries[number] for number in range(len(self.entries))]
        ids = {canonical: number for number, canonical in enumerate(dict.fromkeys(canonical for canonical, _ in rows))}
        header = self.model_dump(exclude={"entries"})
        return IndexMeta(**header, ids=list(ids), id_numbers=[ids[canonical] for canonical, _ in rows], texts=[text for _, text in rows])


def read_meta(body: bytes) -> IndexMeta:
    """The contents of `meta.json`, also in the layout of an earlier release. Raises CorruptVersion."""
    try:
        return IndexMeta.model_validate_json(body)
    except ValidationError as error:
        try:
            return _EarlierMeta.model_validate_json(body).as_lists()
        except (ValidationError, KeyError):
            raise CorruptVersion(f"{layout.INDEX_META}: {error.error_count()} wrong values") from error


def read_vectors(path: Path) -> faiss.Index:
    """The index of `index.faiss`, whose vectors stay in the file until they are needed: it may be deleted, but not changed.

    Raises CorruptVersion if FAISS can't read it or it has another metric.
    """
    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except (RuntimeError, MemoryError) as error:  # a wrong size makes FAISS ask for too much memory
        raise CorruptVersion(f"{layout.INDEX_VECTORS} can't be read: it is damaged, or of a type that this FAISS does not know") from error
    if index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise CorruptVersion(f"{layout.INDEX_VECTORS} doesn't search by inner product")
    return index


class FaissIndex:
    """Finds the nearest synonyms by inner product, which for unit vectors is the cosine similarity."""

    def __init__(self, index: Path, meta: Path) -> None:
        """Raises CorruptVersion if a file can't be read or the two don't match."""
        self._meta = read_meta(meta.read_bytes())
        self._index = read_vectors(index)
        self._cache: dict[tuple[int, bytes], list[Neighbour]] = {}
        dimension, vectors = self._meta.dimension, len(self._meta.texts)
        self._bytes = self._meta.parameters.get("bytes", 1)
        found, expected = (self._index.ntotal, self._index.d), (vectors, dimension * self._bytes)
        if found != expected or not vectors:
            raise CorruptVersion(f"{layout.INDEX_VECTORS} has (vectors, dimension) {found}, but {layout.INDEX_META} expects {expected}")

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[Neighbour]]:
        """Of the `k` synonyms nearest to each row of `vectors` (float32 (n, d)), the nearest of each canonical id, nearest first.

        Equally near ones are sorted by id and text. A row with a NaN has none. Scores are rounded to `SCORE_DIGITS`. The neighbours of
        the last `CACHE_SIZE` vectors are cached. Thread-safe.
        """
        keys = [(k, blake2b(vector.tobytes(), digest_size=KEY_BYTES).digest()) for vector in vectors]
        known = {key: found for key in keys if (found := self._cache.get(key)) is not None}
        new = {key: row for row, key in enumerate(keys) if key not in known}
        if new:
            known |= zip(new, self._searched(vectors[list(new.values())], k), strict=True)
            if len(self._cache) + len(new) > CACHE_SIZE:
                self._cache = {}
            self._cache.update((key, known[key]) for key in new)
        return [known[key] for key in keys]

    def _searched(self, vectors: NDArray[np.float32], k: int) -> Iterator[list[Neighbour]]:
        faiss.omp_set_num_threads(1)  # of the calling thread: OpenMP has the number for each, and the index was loaded in another
        queries = np.tile(vectors, self._bytes)  # a vector is stored in so many parts, which add up to it
        scores, rows = self._index.search(queries, min(k + self._meta.spare, len(self)))
        return (self._best(*found, k) for found in zip(scores.tolist(), rows.tolist(), strict=True))

    def _best(self, scores: list[float], rows: list[int], k: int) -> list[Neighbour]:
        ids, numbers, texts = self._meta.ids, self._meta.id_numbers, self._meta.texts
        found: list[tuple[float, str, str]] = []
        for score, row in zip(scores, rows, strict=True):
            if row < 0 or score != score:  # FAISS pads with -1; a NaN is not equal to itself
                continue
            negative = -round(score, SCORE_DIGITS)
            if len(found) >= k and negative > found[-1][0]:  # scores descend: the rest is farther than the k-th
                break
            found.append((negative, ids[numbers[row]], texts[row]))
        best: dict[str, Neighbour] = {}
        for negative, canonical, text in sorted(found)[:k]:
            if canonical not in best:
                best[canonical] = Neighbour(canonical, text, -negative)
        return list(best.values())
