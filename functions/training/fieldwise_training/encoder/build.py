"""The files of an encoder: exported from a base model, quantised, and compared with it."""

from dataclasses import dataclass
from pathlib import Path

from onnx.checker import ValidationError

from fieldwise_common.errors import CorruptVersion, ExportMismatch
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_inference.serving.encoder import EncoderSettings
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.encoder.exporter import MAX_TOKENS, export_onnx, write_settings, write_tokenizer
from fieldwise_training.encoder.model_manager import base_model_name, digest_of, load_base_model, load_weights, local_folder, save_model
from fieldwise_training.encoder.parity import Parity
from fieldwise_training.encoder.quantiser import quantise_weights
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.state import EncoderFacts, RequestedPrecision

UNUSABLE = (ExportMismatch, CorruptVersion, ValidationError)
"""Why a quantised graph is not used: its vectors differ too much, the runtime can't load it, or it is not a valid graph."""


@dataclass(frozen=True, slots=True)
class BuiltEncoder:
    """The base model's hash, and the facts measured while the encoder was built."""

    base_model_sha256: str
    facts: EncoderFacts


def build_encoder(
    base_model: str,
    precision: RequestedPrecision,
    folder: Path,
    on_progress: OnProgress = ignore_progress,
    weights: Path | None = None,
) -> BuiltEncoder:
    """Writes `layout.ENCODER` and `layout.BASE_MODEL` into `folder`. `weights`: those of the fine-tuned base model, if it was fine-tuned.

    The exact graph is always exported and compared with the model. The quantised one is made from it and compared too; if it is
    unusable, the exact one is used, and the facts say why.

    Raises SettingsError for a base model that can't be loaded or exported, ExportMismatch when the exact graph gives other vectors.
    """
    counter = ProgressCounter(on_progress, "parts of the encoder made", 4, "loading the model")
    model = load_base_model(base_model)
    saved = folder / layout.BASE_MODEL
    save_model(model, saved)
    base_model_sha256 = digest_of(local_folder(base_model) or saved)
    if weights is not None:
        load_weights(model, weights)
        save_model(model, saved)
    onnx, tokenizer, settings = (folder / name for name in layout.ENCODER)
    write_tokenizer(saved, tokenizer)
    parity = Parity(model, tokenizer, settings)
    counter.add(detail="exporting the model")

    def write_encoder_settings(used: Precision, fallback: str | None = None) -> None:
        dimension = int(model.get_embedding_dimension())
        name = base_model_name(base_model)
        described = EncoderSettings(dimension=dimension, max_tokens=MAX_TOKENS, precision=used, base_model=name, fallback=fallback)
        write_settings(settings, described)

    export_onnx(model, onnx)
    counter.add(detail="checking the export")
    write_encoder_settings(Precision.FP32)
    cosines = {Precision.FP32: parity.require(onnx, Precision.FP32)}
    counter.add(detail="quantising")
    precision_used, fallback = Precision.FP32, None
    if Precision(precision) is Precision.INT8_WEIGHTS:
        quantised = folder / "encoder.quantised.onnx"
        try:
            quantise_weights(onnx, quantised)
            write_encoder_settings(Precision.INT8_WEIGHTS)
            cosines[Precision.INT8_WEIGHTS] = parity.require(quantised, Precision.INT8_WEIGHTS)
            quantised.replace(onnx)
            precision_used = Precision.INT8_WEIGHTS
        except UNUSABLE as error:
            fallback = f"{' '.join(str(error).split())}; the exact encoder is used instead"
            logger.warning("the quantised encoder is not used", extra={"detail": fallback})
            quantised.unlink(missing_ok=True)
            write_encoder_settings(Precision.FP32, fallback)
    counter.add()
    facts = EncoderFacts(precision=precision_used, lowest_cosine=cosines, fallback=fallback)
    return BuiltEncoder(base_model_sha256, facts)
