"""The FAISS index of a version: one vector per synonym, or one per canonical id over all its texts joined (`blob`)."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from fieldwise_common.errors import DataError
from fieldwise_common.store import layout
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.serving.index import IndexMeta
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.index.search import FLAT_UP_TO, SPARE, exact, misspelt, search_of
from fieldwise_training.state import IndexFacts, IndexKind

KnownVectors = Mapping[str, NDArray[np.float32]]
"""float32 (d,) by text, by the encoder of the index."""

NO_VECTORS: KnownVectors = {}


def texts_to_embed(entries: Iterable[Entry], kind: IndexKind) -> list[str]:
    """The distinct texts of an index, in their order."""
    return list(dict.fromkeys(row.text for row in _rows(entries, kind)))


def build_index(
    entries: Sequence[Entry],
    encoder: Encoder,
    kind: IndexKind,
    folder: Path,
    known: KnownVectors = NO_VECTORS,
    flat_up_to: int = FLAT_UP_TO,
) -> IndexFacts:
    """Writes `index.faiss` and `meta.json` (the canonical id and text of each vector).

    How it searches depends on the number of vectors, see `search`. A text whose vector is `known` is not embedded. The vectors of
    an earlier index are not: it keeps 8 bits of a component, which would be rounded again in each version.

    Raises DataError if there are no entries.
    """
    rows = _rows(entries, kind)
    if not rows:
        raise DataError("the index would be empty: there are no entries")
    texts = [row.text for row in rows]
    new = [text for text in texts_to_embed(entries, kind) if text not in known]
    fresh = dict(zip(new, encoder.embed(new), strict=True)) if new else {}
    vectors = np.stack([fresh[text] if text in fresh else known[text] for text in texts])
    searched = search_of(vectors, _read(encoder.embed(misspelt(texts))), flat_up_to) if len(rows) > flat_up_to else exact(vectors)
    faiss.write_index(searched.index, str(folder / layout.INDEX_VECTORS))
    ids = {canonical: number for number, canonical in enumerate(dict.fromkeys(row.canonical for row in rows))}
    meta = IndexMeta(
        metric="inner_product",
        kind=kind,
        dimension=vectors.shape[1],
        type=searched.facts.type,
        recall=searched.facts.recall,
        parameters=searched.facts.parameters,
        spare=SPARE,
        ids=list(ids),
        id_numbers=[ids[row.canonical] for row in rows],
        texts=texts,
    )
    (folder / layout.INDEX_META).write_text(meta.model_dump_json() + "\n", "utf-8")
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
