"""The FAISS index of a version: one vector per synonym and per confirmed text, or one per id over all its texts joined."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from fieldwise_common.errors import DataError
from fieldwise_inference.classify.ports import Encoder, Vectors
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.serving.index import FaissIndex
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.feedback_processor import Feedback
from fieldwise_training.state import IndexKind

Known = Mapping[str, NDArray[np.float32]]
"""Vectors by text, from an index that the same encoder made."""

NONE_KNOWN: Known = {}


def vectors_of(index: Path, meta: Path) -> dict[str, NDArray[np.float32]]:
    """The vector of each text in another version's index, for one made with the same encoder. Raises CorruptVersion."""
    opened = FaissIndex(index, meta)
    stored: Any = faiss.read_index(str(index))
    ids = faiss.vector_to_array(stored.id_map)
    vectors = faiss.downcast_index(stored.index).reconstruct_n(0, stored.ntotal)
    return {opened.meta.entries[int(number)][1]: vector for number, vector in zip(ids, vectors, strict=True)}


def build_index(entries: Sequence[Entry], encoder: Encoder, kind: IndexKind, folder: Path, known: Known = NONE_KNOWN) -> int:
    """Writes `index.faiss` and `meta.json` (integer id → canonical id and text); answers how many vectors there are.

    A text whose vector is `known` is not embedded again. Raises DataError without any entry.
    """
    rows = list(entries) if kind == "per-synonym" else blobs(entries)
    if not rows:
        raise DataError("the index would be empty: there is no entry to build it from")
    vectors = _embed([row.text for row in rows], encoder, known)
    index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(vectors, np.arange(len(rows), dtype=np.int64))
    faiss.write_index(index, str(folder / "index.faiss"))
    meta = {
        "metric": "inner_product",
        "kind": kind,
        "dimension": int(vectors.shape[1]),
        "entries": {str(number): [row.canonical, row.text] for number, row in enumerate(rows)},
    }
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False) + "\n", "utf-8")
    return len(rows)


def build_with_feedback(
    entries: Sequence[Entry], feedback: Feedback, encoder: Encoder, kind: IndexKind, folder: Path, known: Known = NONE_KNOWN
) -> int:
    """As `build_index`, over the entries as feedback has corrected them."""
    corrected = enriched(entries, feedback)
    return build_index([*corrected, *borrowed(entries, feedback)] if kind == "blob" else corrected, encoder, kind, folder, known)


def enriched(entries: Sequence[Entry], feedback: Feedback) -> list[Entry]:
    """The entries with the confirmed texts added, and without the synonyms that feedback has rejected or overruled.

    A text confirmed for several ids goes to the one with the most votes; where they are equal, to all of them.
    """
    texts = [pair for pair in feedback.confirmed if not pair.between_ids]
    most: dict[str, int] = {}
    for pair in texts:
        most[normalise(pair.text)] = max(pair.votes, most.get(normalise(pair.text), 0))
    winners = {(normalise(pair.text), pair.canonical): pair.text for pair in texts if pair.votes == most[normalise(pair.text)]}
    refused = {(normalise(pair.text), pair.canonical) for pair in feedback.rejected if not pair.between_ids}

    def stands(entry: Entry) -> bool:
        key = (normalise(entry.text), entry.canonical)
        return key in winners or (key not in refused and key[0] not in most)

    kept = [entry for entry in entries if stands(entry)]
    present = {(normalise(entry.text), entry.canonical) for entry in kept}
    return kept + [Entry(key[1], text) for key, text in winners.items() if key not in present]


def borrowed(entries: Sequence[Entry], feedback: Feedback) -> list[Entry]:
    """What confirmed id-to-id pairs append, as the original did: the texts of `query_key`, for `matched_key`."""
    between = [pair for pair in feedback.confirmed if pair.between_ids and pair.text != pair.canonical]
    return [Entry(pair.canonical, entry.text) for pair in between for entry in entries if entry.canonical == pair.text]


def blobs(entries: Iterable[Entry]) -> list[Entry]:
    """One entry per id: all its texts, joined, in their order."""
    by_id: dict[str, list[str]] = {}
    for entry in entries:
        by_id.setdefault(entry.canonical, []).append(entry.text)
    return [Entry(canonical, " ".join(texts)) for canonical, texts in by_id.items()]


def _embed(texts: Sequence[str], encoder: Encoder, known: Known) -> Vectors:
    new = [text for text in dict.fromkeys(texts) if text not in known]
    fresh = dict(zip(new, encoder.embed(new), strict=True)) if new else {}
    return np.stack([fresh[text] if text in fresh else known[text] for text in texts])
