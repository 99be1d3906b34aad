"""`make bench-encoders`: ways to store and compute the encoder, compared; the table of docs/decisions/0002.

Size, time, cosine to the model, and whether a text's vector depends on the processor. Times are those of one thread, medians of
several rounds, the variants alternating; cosines are over the parity labels, each embedded alone.
"""

import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from benchmarks.shared.emulation import NATIVE, Processor, answers_of, emulated
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, table, write_json
from benchmarks.shared.store import LOCAL
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from pydantic import BaseModel
from rich.console import Console
from rich.progress import track
from rich.table import Table

from fieldwise_common.store import layout
from fieldwise_inference.serving.encoder import EncoderSettings, OnnxEncoder
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.encoder.exporter import MAX_TOKENS, export_onnx, quiet_exporter, write_settings, write_tokenizer
from fieldwise_training.encoder.model_manager import load_base_model, save_model
from fieldwise_training.encoder.parallel import cores
from fieldwise_training.encoder.parity import LABELS
from fieldwise_training.encoder.quantiser import quantise_weights

Make = Callable[[Path, Path], object]
"""Makes a variant of the exact graph: reads the first path, writes the second."""

FORM = LABELS[:20]


def _dynamic(signed: bool, reduce_range: bool = False, only_matmul: bool = False) -> Make:
    """Weights and activations in int8, as onnxruntime quantises dynamically."""

    def make(source: Path, target: Path) -> None:
        weight_type = QuantType.QInt8 if signed else QuantType.QUInt8
        operators = ["MatMul"] if only_matmul else None
        quantize_dynamic(source, target, operators, per_channel=True, reduce_range=reduce_range, weight_type=weight_type)

    return make


def _blockwise(size: int, level: int) -> Make:
    """MatMulNBits: 8-bit weights with a scale per block; level 4 computes in int8, level 1 in float32."""

    def make(source: Path, target: Path) -> None:
        # imported only here: the import sets every logger to INFO
        from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

        config = DefaultWeightOnlyQuantConfig(block_size=size, is_symmetric=True, bits=8, accuracy_level=level)
        quantizer = MatMulNBitsQuantizer(str(source), algo_config=config)
        quantizer.process()
        quantizer.model.save_model_to_file(str(target), False)

    return make


def _then_tables(make: Make) -> Make:
    """The variant, with its embedding tables stored as int8 with a scale per row."""

    def both(source: Path, target: Path) -> None:
        between = target.with_suffix(".between")
        make(source, between)
        quantise_weights(between, target)
        between.unlink()

    return both


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to store and compute the encoder. `is_served`: the one that versions are made with."""

    name: str
    make: Make
    precision: Precision = Precision.INT8
    is_served: bool = False


VARIANTS = (
    Variant("exact: float32", lambda source, target: target.write_bytes(source.read_bytes()), Precision.FP32),
    Variant("int8 arithmetic, signed weights", _dynamic(signed=True)),
    Variant("the same, reduce_range", _dynamic(signed=True, reduce_range=True)),
    Variant("int8 arithmetic, unsigned weights", _dynamic(signed=False)),
    Variant("the same, tables float32", _dynamic(signed=False, only_matmul=True)),
    Variant("the same, tables int8 per row", _then_tables(_dynamic(signed=False, only_matmul=True))),
    Variant("MatMulNBits, block 32, int8 arithmetic", _blockwise(32, 4)),
    Variant("the same, tables int8 per row", _then_tables(_blockwise(32, 4))),
    Variant("MatMulNBits, block 128, int8 arithmetic", _blockwise(128, 4)),
    Variant("MatMulNBits, block 32, float32 arithmetic", _blockwise(32, 1), Precision.FP32),
    Variant("int8 weights, float32 arithmetic", quantise_weights, Precision.INT8_WEIGHTS, is_served=True),
)


class Row(BaseModel):
    """What was measured of one variant: cosines to the model, milliseconds, and the lowest cosine to each emulated processor's vectors."""

    name: str
    is_served: bool
    megabytes: float
    lowest: float
    mean: float
    ms_a_text: float
    ms_a_form: float
    to_emulated: dict[str, float]


class Encoders(BaseModel):
    """The whole table."""

    rows: list[Row]


def _folder_of(variant: Variant, exact: Path, root: Path, dimension: int) -> Path:
    folder = root / f"variant-{VARIANTS.index(variant)}"
    folder.mkdir()
    onnx, tokenizer, settings = (folder / name for name in layout.ENCODER)
    with quiet_exporter():
        variant.make(exact, onnx)
    write_tokenizer(root / "model", tokenizer)
    write_settings(settings, EncoderSettings(dimension=dimension, max_tokens=MAX_TOKENS, precision=variant.precision, base_model="base"))
    return folder


def _milliseconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1e3


def _alone(encoder: OnnxEncoder) -> float:
    """Milliseconds a text, each embedded alone."""
    return _milliseconds(lambda: [encoder.embed([label]) for label in LABELS]) / len(LABELS)


def _together(encoder: OnnxEncoder) -> float:
    """Milliseconds for a form's texts, as inference runs them."""
    return _milliseconds(lambda: encoder.embed(FORM))


def _medians(folders: Sequence[Path], rounds: int, time_one: Callable[[OnnxEncoder], float]) -> list[float]:
    """The median time of each variant. They alternate, so that other load on the machine slows all alike."""
    encoders = [OnnxEncoder(*(folder / name for name in layout.ENCODER)) for folder in folders]
    taken = [[time_one(encoder) for encoder in encoders] for _ in range(rounds + 1)]
    return [statistics.median(own[1:]) for own in zip(*taken, strict=True)]


def _lowest(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float((one * other).sum(axis=1).min())


def measure(base_model: str, processors: Sequence[Processor], rounds: int, console: Console) -> Encoders:
    """Measures every variant. Raises SettingsError for a base model that can't be loaded, DataError when an emulated processor fails."""
    with tempfile.TemporaryDirectory(prefix="fieldwise-encoders-") as temp:
        root = Path(temp)
        model = load_base_model(base_model)
        save_model(model, root / "model")
        export_onnx(model, root / "exact.onnx")
        expected = np.asarray(model.encode(list(LABELS), normalize_embeddings=True, show_progress_bar=False), dtype=np.float64)
        folders = [_folder_of(variant, root / "exact.onnx", root, int(model.get_embedding_dimension())) for variant in VARIANTS]
        alone, together = (_medians(folders, rounds, one) for one in (_alone, _together))
        rows = []
        for number, folder in enumerate(track(folders, "comparing processors", console=console, transient=True)):
            with ThreadPoolExecutor(cores()) as pool:
                native, *others = pool.map(lambda one, where=folder: answers_of(one, where, every=0).vectors, (NATIVE, *processors))
            row = Row(
                name=VARIANTS[number].name,
                is_served=VARIANTS[number].is_served,
                megabytes=round((folder / layout.ENCODER_GRAPH).stat().st_size / 1e6, 1),
                lowest=_lowest(native, expected),
                mean=float((native * expected).sum(axis=1).mean()),
                ms_a_text=alone[number],
                ms_a_form=together[number],
                to_emulated={one.name: _lowest(native, vectors) for one, vectors in zip(processors, others, strict=True)},
            )
            rows.append(row)
        return Encoders(rows=rows)


def variants_table(encoders: Encoders) -> Table:
    """A row for each variant; times also as a ratio to the exact encoder's."""
    exact = encoders.rows[0]
    headings = ("MB", "lowest cosine", "mean", "ms a text", "ratio", "ms a form", "ratio", *exact.to_emulated)
    shown = table(f"{len(LABELS)} labels, a form of {len(FORM)} texts; one thread", "encoder", *headings)
    for row in encoders.rows:
        times = (f"{row.ms_a_text:.2f}", f"{row.ms_a_text / exact.ms_a_text:.2f}", f"{row.ms_a_form:.1f}")
        ratio = f"{row.ms_a_form / exact.ms_a_form:.2f}"
        emulated_cosines = (f"{cosine:.7f}" for cosine in row.to_emulated.values())
        cells = (f"{row.megabytes:.1f}", f"{row.lowest:.4f}", f"{row.mean:.4f}", *times, ratio, *emulated_cosines)
        shown.add_row(row.name + (" (served)" if row.is_served else ""), *cells, style="bold" if row.is_served else "")
    return shown


def compare(
    base_model: Annotated[str, typer.Option(help="A path or a hub name; default: the one that is baked in.")] = "",
    arm64: Annotated[Path | None, typer.Option(help="The folder that benchmarks/processors/arm64-root has made.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed.")] = 7,
    out: Annotated[Path, typer.Option(help="The JSON file for the figures.", show_default=False)] = LOCAL / "encoders.json",
) -> None:
    """Measures every variant, and writes the figures."""
    processors = emulated(arm64)
    for processor in processors:
        if processor.missing:
            stderr.print(f"not compared: {processor.name}: {processor.missing}", style="yellow", markup=False)
    with errors_in_one_line():
        measured = measure(base_model, [one for one in processors if not one.missing], rounds, stderr)
        write_json(measured, out)
    console = stdout()
    console.print(variants_table(measured))
    console.print(f"written: {out}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    logging.disable(logging.INFO)  # the quantisers log every node
    typer.run(compare)
