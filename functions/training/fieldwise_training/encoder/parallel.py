"""Embeds many texts on all cores."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fieldwise_inference.classify.ports import Encoder, Vectors
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress

CHUNK = 128
"""Texts per task of a thread: enough for full batches, few enough to show progress."""


def cores() -> int:
    """How many CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def by_length(texts: Iterable[str]) -> list[str]:
    """The distinct texts, shortest first: batches of similar length need little padding."""
    return sorted(set(texts), key=lambda text: (len(text), text))


class ParallelEncoder:
    """Embeds each distinct text of a call once, with one thread per core: onnxruntime releases the GIL."""

    def __init__(self, encoder: Encoder, on_progress: OnProgress = ignore_progress) -> None:
        self._encoder = encoder
        self._on_progress = on_progress

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), as the encoder itself."""
        distinct = by_length(texts)
        if not distinct:
            return self._encoder.encode([])
        chunks = [distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK)]
        counter = ProgressCounter(self._on_progress, "texts embedded", len(distinct))

        def embedded(chunk: Sequence[str]) -> Vectors:
            vectors = self._encoder.embed(chunk)
            counter.add(len(chunk))
            return vectors

        with ThreadPoolExecutor(cores()) as pool:
            vectors = np.concatenate(list(pool.map(embedded, chunks)))
        row = {text: number for number, text in enumerate(distinct)}
        return vectors[[row[text] for text in texts]]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The same as `encode`: nothing is cached between calls."""
        return self.encode(texts)


class PreparedEncoder:
    """Embeds `texts` in advance, on all cores; other texts are embedded on demand."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], on_progress: OnProgress = ignore_progress) -> None:
        self._encoder = encoder
        distinct = list(dict.fromkeys(texts))
        self._known = dict(zip(distinct, ParallelEncoder(encoder, on_progress).encode(distinct), strict=True))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), as the encoder itself."""
        if not texts or any(text not in self._known for text in texts):
            return self._encoder.encode(texts)
        return np.stack([self._known[text] for text in texts])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), by the encoder itself, without a cache."""
        return self._encoder.embed(texts)
