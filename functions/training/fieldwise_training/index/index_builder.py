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
from fieldwise_inference.classify.ports import Encoder, Vectors
from fieldwise_inference.serving.index import FaissIndex
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.state import IndexKind

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


def build_index(entries: Sequence[Entry], encoder: Encoder, kind: IndexKind, folder: Path, known: KnownVectors = NO_VECTORS) -> int:
    """Writes `index.faiss` and `meta.json` (integer id → canonical id and text); returns the number of vectors.

    A text whose vector is `known` is not embedded again. Raises DataError if there are no entries.
    """
    rows = list(entries) if kind == "per-synonym" else blobs(entries)
    if not rows:
        raise DataError("the index would be empty: there are no entries")
    vectors = _embed([row.text for row in rows], encoder, known)
    index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(vectors, np.arange(len(rows), dtype=np.int64))
    faiss.write_index(index, str(folder / layout.INDEX_VECTORS))
    meta = {
        "metric": "inner_product",
        "kind": kind,
        "dimension": int(vectors.shape[1]),
        "entries": {str(number): [row.canonical, row.text] for number, row in enumerate(rows)},
    }
    (folder / layout.INDEX_META).write_text(json.dumps(meta, ensure_ascii=False) + "\n", "utf-8")
    return len(rows)


def blobs(entries: Iterable[Entry]) -> list[Entry]:
    """One entry per id, of all its texts joined in order."""
    by_id: dict[str, list[str]] = {}
    for entry in entries:
        by_id.setdefault(entry.canonical, []).append(entry.text)
    return [Entry(canonical, " ".join(texts)) for canonical, texts in by_id.items()]


def _embed(texts: Sequence[str], encoder: Encoder, known: KnownVectors) -> Vectors:
    new = [text for text in dict.fromkeys(texts) if text not in known]
    fresh = dict(zip(new, encoder.embed(new), strict=True)) if new else {}
    return np.stack([fresh[text] if text in fresh else known[text] for text in texts])
