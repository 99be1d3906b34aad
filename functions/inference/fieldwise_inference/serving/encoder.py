"""The encoder of a version: embeds texts as unit vectors, with a tokenizer and an ONNX graph, without torch."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Encoding, Tokenizer

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_inference.serving.precision import Precision

CACHE_SIZE = 8192
"""Texts whose vectors are cached, because pages repeat labels. A vector takes 1.5 KB."""

PASS_COST = 16
"""The fixed cost of one run of a transformer's graph (reading all weights from memory), in tokens of equal cost. Measured on one core."""
MAX_BATCH_TOKENS = 2048
"""Tokens per run, including padding: limits the memory needed for a long list of texts."""


class EncoderKind(StrEnum):
    """What an encoder's graph computes, as named in `encoder.json`."""

    TRANSFORMER = "transformer"
    """Attention over the tokens of a text."""
    STATIC = "static"
    """The mean of the tokens' vectors, which are looked up (docs/decisions/0023)."""


class EncoderSettings(BaseModel):
    """`encoder.json`: the encoder's settings, which are part of the version."""

    model_config = ConfigDict(frozen=True)

    dimension: int = Field(gt=0)
    max_tokens: int = Field(gt=0, le=512)
    precision: Precision
    base_model: str
    kind: EncoderKind = EncoderKind.TRANSFORMER
    fallback: str | None = None
    """Why the exact encoder was used instead of the requested quantised one."""

    @property
    def can_batch(self) -> bool:
        """Whether several texts run at once. A static encoder sums in another order then, which the last bits show, and saves little."""
        return self.precision.can_batch and self.kind is EncoderKind.TRANSFORMER

    @property
    def caveat(self) -> str | None:
        """A warning for operators about this encoder, or None."""
        return self.fallback or self.precision.caveat


class OnnxEncoder:
    """Runs an ONNX graph with inputs `input_ids` and `attention_mask` (int64 [n, t]) and one output, unit vectors (float32 [n, d]).

    Texts in a script that the tokenizer does not know are all the same to the graph, whatever they say: their vectors are 0, near nothing.
    """

    def __init__(self, model: Path, tokenizer: Path, settings: Path) -> None:
        """Raises CorruptVersion naming the file that can't be read."""
        try:
            self.settings = EncoderSettings.model_validate_json(settings.read_bytes())
        except ValidationError as error:
            raise CorruptVersion(f"{layout.ENCODER_SETTINGS}: {error.error_count()} wrong values") from error
        try:
            self._tokenizer = Tokenizer.from_str(tokenizer.read_text(encoding="utf-8"))
        except Exception as error:
            raise CorruptVersion(f"{layout.TOKENIZER} can't be read") from error
        self._tokenizer.enable_truncation(self.settings.max_tokens)
        self._tokenizer.no_padding()
        self._unknown = self._tokenizer.token_to_id(getattr(self._tokenizer.model, "unk_token", None) or "")
        self._session = _session(model)
        self._cache: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (len(texts), dimension), rows of length 1, or 0 for a text of no token that the encoder knows. Uses the cache.

        A text has the same vector in any batch.
        """
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
        """As `encode`, without the cache. Texts with the same tokens are embedded once. Thread-safe."""
        encodings = self._tokenizer.encode_batch(list(texts))
        vectors = self._embedded(encodings)
        vectors[[row for row, encoding in enumerate(encodings) if self._is_unread(encoding)]] = 0
        return vectors

    def of_the_graph(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `embed`, with what the graph makes of texts that can't be read, to compare it with the model that it was made from."""
        return self._embedded(self._tokenizer.encode_batch(list(texts)))

    def _embedded(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        return self.embed_tokens([tuple(encoding.ids) for encoding in encodings])

    def embed_tokens(self, texts: Sequence[tuple[int, ...]]) -> NDArray[np.float32]:
        """float32 (len(texts), dimension), unit vectors of texts given as the ids of their tokens. Thread-safe."""
        rows: dict[tuple[int, ...], int] = {}
        row_of = [rows.setdefault(ids, len(rows)) for ids in texts]
        tokens = list(rows)
        lengths = [len(ids) for ids in tokens]
        vectors = np.empty((len(tokens), self.settings.dimension), np.float32)
        for batch in batches_by_length(lengths) if self.settings.can_batch else ([row] for row in range(len(tokens))):
            vectors[batch] = self._run([tokens[row] for row in batch])
        return vectors[row_of]

    def _is_unread(self, encoding: Encoding) -> bool:
        """Whether a text has tokens, and the tokenizer knows none of them."""
        own = {token for token, is_special in zip(encoding.ids, encoding.special_tokens_mask, strict=True) if not is_special}
        return own == {self._unknown}

    def _run(self, tokens: Sequence[tuple[int, ...]]) -> NDArray[np.float32]:
        longest = max(len(ids) for ids in tokens)
        padded, mask = np.zeros((2, len(tokens), longest), np.int64)
        for row, ids in enumerate(tokens):
            padded[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        try:
            vectors: NDArray[np.float32] = self._session.run(None, {"input_ids": padded, "attention_mask": mask})[0]
        except Exception as error:
            raise CorruptVersion(f"{layout.ENCODER_GRAPH} fails on the tokens of {layout.TOKENIZER}") from error
        return vectors


def batches_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The positions of `lengths` in batches of similar length: padding a batch costs at most `PASS_COST`, another run of the graph.

    A batch has at most `MAX_BATCH_TOKENS` tokens, unless a single text has more.
    """
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
    """An inference session with one thread: the function has one virtual CPU, and an idle thread pool would take time from it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise CorruptVersion(f"{layout.ENCODER_GRAPH} can't be loaded") from error
