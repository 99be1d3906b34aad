"""The FAISS index of a version: one vector per synonym, or one per canonical id over all its texts joined (`blob`)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from fieldwise_common.errors import DataError
from fieldwise_common.store import layout
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.serving.index import FaissIndex
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.index.search import FLAT_UP_TO, exact, graph, misspelt
from fieldwise_training.state import IndexFacts, IndexKind

KnownVectors = Mapping[str, NDArray[np.float32]]
"""float32 (d,) by text, from an index made with the same encoder."""

NO_VECTORS: KnownVectors = {}


def vectors_of(index: Path, meta: Path) -> dict[str, NDArray[np.float32]]:
    """The vector of each text in another version's index: float32 (d,). Raises CorruptVersion."""
    opened = FaissIndex(index, meta)
    stored: Any = faiss.read_index(str(index))
    ids = faiss.vector_to_array(stored.id_map)
    vectors = faiss.downcast_index(stored.index).reconstruct_n(0, stored.ntotal)
    return {opened.meta.entries[int(number)][1]: vector for number, vector in zip(ids, vectors, strict=True)}


def texts_to_embed(entries: Iterable[Entry], kind: IndexKind, known: KnownVectors) -> list[str]:
    """The distinct texts of an index without a `known` vector, in their order."""
    return [text for text in dict.fromkeys(row.text for row in _rows(entries, kind)) if text not in known]


def build_index(
    entries: Sequence[Entry],
    encoder: Encoder,
    kind: IndexKind,
    folder: Path,
    known: KnownVectors = NO_VECTORS,
    flat_up_to: int = FLAT_UP_TO,
) -> IndexFacts:
    """Writes `index.faiss` and `meta.json` (integer id → canonical id and text).

    Up to `flat_up_to` vectors the search is exact; beyond, it is a graph whose recall@1 is measured here. A text whose vector is
    `known` is not embedded again. Raises DataError if there are no entries.
    """
    rows = _rows(entries, kind)
    if not rows:
        raise DataError("the index would be empty: there are no entries")
    texts = [row.text for row in rows]
    new = texts_to_embed(entries, kind, known)
    fresh = dict(zip(new, encoder.embed(new), strict=True)) if new else {}
    vectors = np.stack([fresh[text] if text in fresh else known[text] for text in texts])
    searched = exact(vectors) if len(rows) <= flat_up_to else graph(vectors, _read(encoder.embed(misspelt(texts))))
    faiss.write_index(searched.index, str(folder / layout.INDEX_VECTORS))
    meta = {
        "metric": "inner_product",
        "kind": kind,
        "dimension": int(vectors.shape[1]),
        **searched.facts.model_dump(include={"type", "recall", "parameters"}),
        "entries": {str(number): [row.canonical, row.text] for number, row in enumerate(rows)},
    }
    (folder / layout.INDEX_META).write_text(json.dumps(meta, ensure_ascii=False) + "\n", "utf-8")
    return searched.facts


def _read(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors of texts that the encoder can read: the others are as near to one text as to any."""
    return vectors[vectors.any(axis=1)]


def _rows(entries: Iterable[Entry], kind: IndexKind) -> list[Entry]:
    return list(entries) if kind == "per-synonym" else blobs(entries)


def blobs(entries: Iterable[Entry]) -> list[Entry]:
    """One entry per id, of all its texts joined in order."""
    by_id: dict[str, list[str]] = {}
    for entry in entries:
        by_id.setdefault(entry.canonical, []).append(entry.text)
    return [Entry(canonical, " ".join(texts)) for canonical, texts in by_id.items()]
