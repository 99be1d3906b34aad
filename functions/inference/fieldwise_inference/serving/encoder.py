"""The encoder of a version: tokenizer and ONNX graph, texts in, unit vectors out. No torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Tokenizer

from fieldwise_common.errors import CorruptVersion
from fieldwise_inference.serving.precision import Precision

CACHE_SIZE = 8192
"""Vectors kept by text: pages repeat their labels, and a vector is 1.5 KB."""

PASS_COST = 16
"""What one run of the graph costs besides its tokens, in tokens: reading all weights from memory. Measured on one core."""
MAX_BATCH_TOKENS = 2048
"""Of one run, padding included: bounds the memory of a long list of texts."""


class EncoderSettings(BaseModel):
    """`encoder.json`: the limits that travel with the version."""

    model_config = ConfigDict(frozen=True)

    dimension: int = Field(gt=0)
    max_tokens: int = Field(gt=0, le=512)
    precision: Precision
    base_model: str
    fallback: str | None = None
    """Why the exact encoder was taken instead of the quantised one that was asked for."""

    @property
    def caveat(self) -> str | None:
        """A warning about the encoder for operators, if there is one."""
        return self.fallback or self.precision.caveat


class OnnxEncoder:
    """Runs a graph with inputs `input_ids` and `attention_mask` (int64 [n, t]) and one float32 output [n, d] of unit vectors."""

    def __init__(self, model: Path, tokenizer: Path, settings: Path) -> None:
        """Raises CorruptVersion naming the file that can't be read."""
        try:
            self.settings = EncoderSettings.model_validate_json(settings.read_bytes())
        except ValidationError as error:
            raise CorruptVersion(f"encoder.json: {error.error_count()} wrong values") from error
        try:
            self._tokenizer = Tokenizer.from_str(tokenizer.read_text(encoding="utf-8"))
        except Exception as error:
            raise CorruptVersion("tokenizer.json can't be read") from error
        self._tokenizer.enable_truncation(self.settings.max_tokens)
        self._tokenizer.no_padding()
        self._session = _session(model)
        self._cache: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (len(texts), dimension), rows of length 1; the same text gives the same vector in any batch."""
        if not texts:
            return np.empty((0, self.settings.dimension), np.float32)
        known = {text: vector for text in texts if (vector := self._cache.get(text)) is not None}
        new = list(dict.fromkeys(text for text in texts if text not in known))
        fresh = dict(zip(new, self.embed(new), strict=True)) if new else {}
        if len(self._cache) + len(fresh) > CACHE_SIZE:
            self._cache = {}
        self._cache.update(fresh)
        known |= fresh
        return np.stack([known[text] for text in texts])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `encode`, past the cache: the graph really runs, once for texts of the same tokens. Safe to use from several threads."""
        rows: dict[tuple[int, ...], int] = {}
        row_of = [rows.setdefault(tuple(encoding.ids), len(rows)) for encoding in self._tokenizer.encode_batch(list(texts))]
        tokens = list(rows)
        lengths = [len(ids) for ids in tokens]
        vectors = np.empty((len(tokens), self.settings.dimension), np.float32)
        for batch in like_lengths(lengths) if self.settings.precision.can_batch else ([row] for row in range(len(tokens))):
            vectors[batch] = self._run([tokens[row] for row in batch])
        return vectors[row_of]

    def _run(self, tokens: Sequence[tuple[int, ...]]) -> NDArray[np.float32]:
        longest = max(len(ids) for ids in tokens)
        padded, mask = np.zeros((2, len(tokens), longest), np.int64)
        for row, ids in enumerate(tokens):
            padded[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        try:
            vectors: NDArray[np.float32] = self._session.run(None, {"input_ids": padded, "attention_mask": mask})[0]
        except Exception as error:
            raise CorruptVersion("encoder.onnx doesn't run on what tokenizer.json gives it") from error
        return vectors


def like_lengths(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The positions of `lengths` in batches of like length: padding one costs less than `PASS_COST`, another run of the graph."""
    batch: list[int] = []
    padding = 0
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[position]
        padding += (length - lengths[batch[-1]]) * len(batch) if batch else 0
        if batch and (padding > PASS_COST or length * (len(batch) + 1) > MAX_BATCH_TOKENS):
            yield batch
            batch, padding = [], 0
        batch.append(position)
    if batch:
        yield batch


def _session(model: Path) -> ort.InferenceSession:
    """One thread each way: a function has one virtual CPU, and a spinning pool would only cost it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise CorruptVersion("encoder.onnx can't be loaded") from error
