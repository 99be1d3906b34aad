"""The files of an encoder, made from a base model and measured against it."""

from dataclasses import dataclass
from pathlib import Path

from fieldwise_training.encoder.exporter import export_onnx, quantise, write_settings, write_tokenizer
from fieldwise_training.encoder.model_manager import base_model_name, digest_of, load_base_model, local_folder, save_model
from fieldwise_training.encoder.parity import check_parity
from fieldwise_training.state import Precision

ENCODER_FILES = ("encoder.onnx", "tokenizer.json", "encoder.json")
MODEL_FOLDER = "model/"


@dataclass(frozen=True, slots=True)
class BuiltEncoder:
    """What was measured of an encoder while it was built."""

    base_model_sha256: str
    fp32_cosine: float
    int8_cosine: float | None


def build_encoder(base_model: str, precision: Precision, folder: Path) -> BuiltEncoder:
    """Writes `ENCODER_FILES` and `model/` into `folder`.

    The fp32 graph is always made and checked; int8 is made from it and checked in turn. Raises SettingsError for a base
    model that can't be used, ExportMismatch for an export that says something else.
    """
    model = load_base_model(base_model)
    saved = folder / MODEL_FOLDER
    save_model(model, saved)
    onnx, tokenizer, settings = (folder / name for name in ENCODER_FILES)
    write_tokenizer(saved, tokenizer)
    dimension = int(model.get_embedding_dimension())

    def written(wanted: Precision) -> float:
        write_settings(settings, dimension, wanted, base_model_name(base_model))
        return check_parity(model, onnx, tokenizer, settings, wanted)

    export_onnx(model, onnx)
    fp32_cosine = written("fp32")
    int8_cosine = None
    if precision == "int8":
        full = onnx.rename(folder / "encoder.fp32.onnx")
        quantise(full, onnx)
        full.unlink()
        int8_cosine = written("int8")
    return BuiltEncoder(digest_of(local_folder(base_model) or saved), fp32_cosine, int8_cosine)
