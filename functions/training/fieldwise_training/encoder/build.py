"""The files of an encoder, made from a base model and measured against it."""

from dataclasses import dataclass
from pathlib import Path

from onnx.checker import ValidationError

from fieldwise_common.errors import CorruptVersion, ExportMismatch
from fieldwise_common.observability import logger
from fieldwise_inference.serving.encoder import EncoderSettings
from fieldwise_inference.serving.precision import Precision
from fieldwise_inference.serving.version import ENCODER_FILES
from fieldwise_training.encoder.exporter import MAX_TOKENS, export_onnx, write_settings, write_tokenizer
from fieldwise_training.encoder.model_manager import base_model_name, digest_of, load_base_model, local_folder, save_model
from fieldwise_training.encoder.parity import Parity
from fieldwise_training.encoder.quantiser import quantise_weights
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.state import EncoderFacts, RequestedPrecision

MODEL_FOLDER = "model/"
UNUSABLE = (ExportMismatch, CorruptVersion, ValidationError)
"""What is wrong with a quantised graph that is not used: too far from the model, refused by the runtime, or no valid graph."""


@dataclass(frozen=True, slots=True)
class BuiltEncoder:
    """The base model's hash, and what was measured of the encoder while it was built."""

    base_model_sha256: str
    facts: EncoderFacts


def build_encoder(base_model: str, precision: RequestedPrecision, folder: Path, on_progress: OnProgress = ignore_progress) -> BuiltEncoder:
    """Writes `ENCODER_FILES` and `model/` into `folder`.

    The exact graph is always made and checked. The quantised one is made from it and checked in turn; where it is too far from the
    model, the exact one is taken instead, and the facts say why. Raises SettingsError for a base model that can't be used,
    ExportMismatch for an exact export that says something else.
    """
    counter = ProgressCounter(on_progress, "parts of the encoder made", 4, "loading the model")
    model = load_base_model(base_model)
    saved = folder / MODEL_FOLDER
    save_model(model, saved)
    onnx, tokenizer, settings = (folder / name for name in ENCODER_FILES)
    write_tokenizer(saved, tokenizer)
    parity = Parity(model, tokenizer, settings)
    counter.add(detail="exporting the model")

    def describe(computed_in: Precision, fallback: str | None = None) -> None:
        dimension = int(model.get_embedding_dimension())
        name = base_model_name(base_model)
        made = EncoderSettings(dimension=dimension, max_tokens=MAX_TOKENS, precision=computed_in, base_model=name, fallback=fallback)
        write_settings(settings, made)

    export_onnx(model, onnx)
    counter.add(detail="checking the export")
    describe(Precision.FP32)
    cosines = {Precision.FP32: parity.require(onnx, Precision.FP32)}
    counter.add(detail="quantising it")
    taken, fallback = Precision.FP32, None
    if Precision(precision) is Precision.INT8_WEIGHTS:
        quantised = folder / "encoder.quantised.onnx"
        try:
            quantise_weights(onnx, quantised)
            describe(Precision.INT8_WEIGHTS)
            cosines[Precision.INT8_WEIGHTS] = parity.require(quantised, Precision.INT8_WEIGHTS)
            quantised.replace(onnx)
            taken = Precision.INT8_WEIGHTS
        except UNUSABLE as error:
            fallback = f"{' '.join(str(error).split())}; the exact encoder was taken instead"
            logger.warning("the quantised encoder is not used", extra={"detail": fallback})
            quantised.unlink(missing_ok=True)
            describe(Precision.FP32, fallback)
    counter.add()
    facts = EncoderFacts(precision=taken, lowest_cosine=cosines, fallback=fallback)
    return BuiltEncoder(digest_of(local_folder(base_model) or saved), facts)
