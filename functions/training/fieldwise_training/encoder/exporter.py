"""Exports the base model for inference: an ONNX graph that includes pooling and normalisation, and the tokenizer."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from fieldwise_common.errors import SettingsError
from fieldwise_inference.serving.encoder import EncoderKind, EncoderSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MAX_TOKENS = 64
"""Token limit of a field's text; longer texts are truncated. Labels are short, and time grows with length."""
MAX_SEQUENCE = 512
"""Upper bound of the sequence axis in the exported graph."""


def export_onnx(model: "SentenceTransformer", target: Path) -> None:
    """Writes `model` as a graph: `input_ids`, `attention_mask` int64 (n, t) → `vector` float32 (n, d), mean-pooled unit vectors.

    `model` is a transformer or a static encoder. Raises SettingsError for a base model with another pooling.
    """
    import torch

    class PooledEncoder(torch.nn.Module):
        """The vectors of the tokens, their mean, and L2 normalisation."""

        def __init__(self, of_tokens: torch.nn.Module) -> None:
            super().__init__()
            self.of_tokens = of_tokens

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            found = self.of_tokens(input_ids) if is_static else self.of_tokens(input_ids=input_ids, attention_mask=attention_mask)
            tokens = found if is_static else found.last_hidden_state
            weights = attention_mask.unsqueeze(-1).to(tokens.dtype)
            mean = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2, dim=1)

    is_static = kind_of(model) is EncoderKind.STATIC
    of_tokens = _looked_up(model) if is_static else _mean_pooled(model)
    example = torch.ones(2, 7, dtype=torch.int64)  # the exporter treats sizes of 1 as constants
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence", max=MAX_SEQUENCE)}
    with quiet_exporter():
        program: Any = torch.onnx.export(
            PooledEncoder(of_tokens).eval(),
            (example, example.clone()),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            dynamo=True,
            verbose=False,
        )
        for node in program.model.graph.all_nodes():
            node.metadata_props.clear()  # stack traces: the file would name this machine's paths, and differ when a line moves
        program.save(str(target), external_data=False)


def kind_of(model: "SentenceTransformer") -> EncoderKind:
    """What kind of encoder a model is exported as."""
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    return EncoderKind.STATIC if isinstance(model[0], StaticEmbedding) else EncoderKind.TRANSFORMER


def write_tokenizer(model_folder: Path, target: Path, kind: EncoderKind = EncoderKind.TRANSFORMER) -> None:
    """Writes the tokenizer of a saved model, truncating at `MAX_TOKENS`. Raises SettingsError if the model has no fast tokenizer.

    That of a static encoder adds no special tokens around a text: their vectors would be in every mean.
    """
    source = model_folder / "tokenizer.json"
    if not source.is_file():
        raise SettingsError("BASE_MODEL: the model has no tokenizer.json (a fast tokenizer)")
    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    if kind is EncoderKind.STATIC:
        tokenizer.post_processor = None
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(target))


def write_settings(target: Path, settings: EncoderSettings) -> None:
    """Writes `encoder.json`."""
    target.write_text(settings.model_dump_json(indent=2, exclude_none=True) + "\n", "utf-8")


def _mean_pooled(model: "SentenceTransformer") -> Any:
    """The transformer of a model that pools by mean and has no further layers."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    modules = list(model)
    is_plain = isinstance(modules[0], Transformer) and all(isinstance(module, Pooling | Normalize) for module in modules[1:])
    pools_by_mean = any(isinstance(module, Pooling) and module.pooling_mode == "mean" for module in modules)
    if not is_plain or not pools_by_mean:
        raise SettingsError("BASE_MODEL: only a transformer with mean pooling can be exported")
    return modules[0].auto_model


def _looked_up(model: "SentenceTransformer") -> Any:
    """The vectors of a static encoder's tokens, as a module."""
    import torch

    table = model[0].embedding.weight
    module = torch.nn.Embedding(table.shape[0], table.shape[1])
    module.load_state_dict({"weight": table})
    return module


@contextmanager
def quiet_exporter() -> Iterator[None]:
    """Silences warnings of the exporters that do not concern this graph (operators of packages not installed, axis names)."""
    names = ("torch.onnx", "torch.onnx._internal.exporter._registration", "root")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r".*LeafSpec", category=FutureWarning)
            warnings.filterwarnings("ignore", message=r".*axis name", category=UserWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
