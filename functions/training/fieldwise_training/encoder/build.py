"""The files of an encoder: exported from a base model, quantised, and compared with it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onnx.checker import ValidationError
from tokenizers import Tokenizer

from fieldwise_common.errors import CorruptVersion, ExportMismatch
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_inference.serving.encoder import EncoderKind, EncoderSettings, OnnxEncoder
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.encoder.distillation_texts import DistillationTexts
from fieldwise_training.encoder.exporter import MAX_TOKENS, export_onnx, kind_of, write_settings, write_tokenizer
from fieldwise_training.encoder.model_manager import base_model_name, digest_of, load_base_model, load_weights, local_folder, save_model
from fieldwise_training.encoder.parity import Parity
from fieldwise_training.encoder.quantiser import quantise_weights
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import EncoderFacts, RequestedPrecision

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from fieldwise_training.encoder.distillation import Distilled

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
    distil_on: DistillationTexts | None = None,
) -> BuiltEncoder:
    """Writes `layout.ENCODER` and `layout.BASE_MODEL` into `folder`. `weights`: those of the fine-tuned base model, if it was fine-tuned.

    `distil_on`: the texts on which a static encoder is distilled from the base model; None: the base model itself is exported.

    The exact graph is always exported and compared with the model. The quantised one is made from it and compared too; if it is
    unusable, the exact one is used, and the facts say why.

    Raises SettingsError for a base model that can't be loaded or exported, ExportMismatch when the exact graph gives other vectors.
    """
    counter = ProgressCounter(on_progress, "parts of the encoder made", 4, "loading the model")
    model = load_base_model(base_model)
    saved = folder / layout.BASE_MODEL
    save_model(model, saved)
    base_model_sha256 = digest_of(local_folder(base_model) or saved)
    cosine = None
    if weights is not None:
        load_weights(model, weights)
    name, dimension = base_model_name(base_model), int(model.get_embedding_dimension())
    if distil_on is not None and kind_of(model) is EncoderKind.TRANSFORMER:
        exact = EncoderSettings(dimension=dimension, max_tokens=MAX_TOKENS, precision=Precision.FP32, base_model=name)
        distilled = _distilled(model, saved, exact, distil_on, on_progress)
        model, cosine = distilled.model, distilled.cosine
    if weights is not None or distil_on is not None:
        shutil.rmtree(saved)
        save_model(model, saved)
    kind = kind_of(model)
    onnx, tokenizer, settings = (folder / name for name in layout.ENCODER)
    write_tokenizer(saved, tokenizer, kind)
    parity = Parity(model, tokenizer, settings)
    counter.add(detail="exporting the model")

    def write_encoder_settings(used: Precision, fallback: str | None = None) -> None:
        own = {"precision": used, "base_model": name, "kind": kind, "fallback": fallback}
        write_settings(settings, EncoderSettings(dimension=dimension, max_tokens=MAX_TOKENS, **own))

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
    facts = EncoderFacts(precision=precision_used, lowest_cosine=cosines, fallback=fallback, kind=kind, distilled_cosine=cosine)
    return BuiltEncoder(base_model_sha256, facts)


def _distilled(
    model: "SentenceTransformer", saved: Path, settings: EncoderSettings, texts: DistillationTexts, on_progress: OnProgress
) -> "Distilled":
    """Distils the exact export of `model`, whose tokenizer is in the folder `saved`."""
    # torch takes seconds to import, and a version with the parent's encoder does not need it
    from fieldwise_training.encoder.distillation import distil
    from fieldwise_training.encoder.fine_tuning import reproducible

    with temporary_folder() as folder:
        files = [folder / name for name in layout.ENCODER]
        graph, tokenizer, described = files
        export_onnx(model, graph)
        write_tokenizer(saved, tokenizer)
        write_settings(described, settings)
        with reproducible():
            return distil(OnnxEncoder(*files), Tokenizer.from_file(str(tokenizer)), texts, on_progress)
