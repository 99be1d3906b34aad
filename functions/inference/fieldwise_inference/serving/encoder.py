"""The encoder of a version: tokenizer and ONNX graph, texts in, unit vectors out. No torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Tokenizer

from fieldwise_common.errors import CorruptVersion

CACHE_SIZE = 8192
"""Vectors kept by text: pages repeat their labels, and a vector is 1.5 KB."""


class EncoderSettings(BaseModel):
    """`encoder.json`: the limits that travel with the version."""

    model_config = ConfigDict(frozen=True)

    dimension: int = Field(gt=0)
    max_tokens: int = Field(gt=0, le=512)
    precision: Literal["int8", "fp32"]
    base_model: str


class OnnxEncoder:
    """Runs a graph with inputs `input_ids` and `attention_mask` (int64 [n, t]) and one float32 output [n, d] of unit vectors.

    An int8 graph is run one text at a time, unpadded: its activation scales are per tensor, so in a batch a vector would
    depend on its neighbours. An fp32 graph runs whole batches.
    """

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
        self._tokenizer.enable_padding()
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
        """As `encode`, past the cache: the graph really runs."""
        if self.settings.precision == "int8":
            return np.concatenate([self._run([text]) for text in texts])
        return self._run(texts)

    def _run(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(list(texts))
        feeds = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
        }
        try:
            vectors: NDArray[np.float32] = self._session.run(None, feeds)[0]
        except Exception as error:
            raise CorruptVersion("encoder.onnx doesn't run on what tokenizer.json gives it") from error
        return vectors


def _session(model: Path) -> ort.InferenceSession:
    """One thread each way: a function has one virtual CPU, and a spinning pool would only cost it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise CorruptVersion("encoder.onnx can't be loaded") from error
