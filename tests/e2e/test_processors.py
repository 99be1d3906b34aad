"""A version makes the same decisions on every processor: the shipped code, natively and under emulation.

Each test is skipped, with its reason, for a processor that can't be had here.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest
from benchmarks.processors.__main__ import LOWEST_COSINE, all_answers, difference
from benchmarks.shared.emulation import NATIVE, Answers, Processor, answers_of, emulated
from benchmarks.shared.forms import held_out_forms
from benchmarks.shared.store import fetch, open_published
from onnxruntime.quantization import QuantType, quantize_dynamic
from tools.replay.report import ReplayReport

from fieldwise_backend.autofill.decision_rows import Stamp, classify_rows
from fieldwise_common.decision_log import encode
from fieldwise_common.store import layout
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.serving.encoder import EncoderSettings
from fieldwise_inference.serving.precision import Precision
from fieldwise_training.encoder.exporter import MAX_TOKENS, export_onnx, write_settings, write_tokenizer
from fieldwise_training.encoder.model_manager import load_base_model, save_model

pytestmark = pytest.mark.processors

ARM64 = os.environ.get("ARM64_ROOT")
PROCESSORS = emulated(Path(ARM64) if ARM64 else None)
EVERY = 144
"""Every 144th held-out form: an emulator takes minutes for these. `make bench-processors` compares all forms."""
DECISIONS = 150
"""At least so many fields have these forms: 183 when this was written."""


SKIP_MISSING = [pytest.mark.skipif(bool(one.missing), reason=f"{one.name}: {one.missing}") for one in PROCESSORS]
"""One per processor. They are marks, so that nothing is built for a skipped test."""


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a version built by a complete run of the command line, with a quickly trained ranker."""
    store = tmp_path_factory.mktemp("store")
    quick = ["--ranker-members", "1", "--ranker-epochs", "8"]
    command = [sys.executable, "-m", "fieldwise_training", "--mode", "build-index", "--store", str(store), *quick]
    outside = {name: value for name, value in os.environ.items() if name not in {"BASE_MODEL", "FEEDBACK_LOG", "MIN_ACCURACY"}}
    path = os.pathsep.join(part for part in sys.path if part)
    subprocess.run(command, env=outside | {"PYTHONPATH": path}, check=True, capture_output=True)
    return store


@pytest.fixture(scope="session")
def version(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The served files of the version."""
    folder = tmp_path_factory.mktemp("version")
    _, files = fetch(str(store), tmp_path_factory.mktemp("cache"))
    for name, file in files.items():
        (folder / name).symlink_to(file)
    return folder


@pytest.fixture(scope="session")
def answers(version: Path) -> dict[str, Answers]:
    """By processor."""
    there = [NATIVE, *(processor for processor in PROCESSORS if not processor.missing)]
    return {found.processor: found for found in all_answers(there, version, EVERY)}


@pytest.fixture(scope="session")
def log(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decision log of this machine's processor, of every 144th held-out form."""
    folder, live = tmp_path_factory.mktemp("log"), open_published(str(store)).version
    stamp = Stamp(datetime(2026, 11, 22, 10, tzinfo=UTC), "a-user")
    hour = folder / "decisions" / "2026/11/22/10"
    hour.mkdir(parents=True)
    for number, form in enumerate(held_out_forms()[::EVERY]):
        asked = form.request()
        (hour / f"part-{number}").write_text(encode(classify_rows(asked, classify(live, asked), "", stamp)), "utf-8")
    return folder / "decisions"


@pytest.fixture(scope="session")
def rounded_activations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder as in earlier releases: int8 arithmetic, with signed weights."""
    folder = tmp_path_factory.mktemp("int8")
    onnx, tokenizer, settings = (folder / name for name in layout.ENCODER)
    model = load_base_model("")
    save_model(model, folder / "model")
    write_tokenizer(folder / "model", tokenizer)
    dimension = int(model.get_embedding_dimension())
    write_settings(settings, EncoderSettings(dimension=dimension, max_tokens=MAX_TOKENS, precision=Precision.INT8, base_model="before"))
    export_onnx(model, folder / "exact.onnx")
    quantize_dynamic(folder / "exact.onnx", onnx, per_channel=True, weight_type=QuantType.QInt8)
    return folder


@pytest.mark.parametrize(
    "processor", [pytest.param(one, marks=mark, id=one.name) for one, mark in zip(PROCESSORS, SKIP_MISSING, strict=True)]
)
def test_decisions_are_the_same_on_another_processor(processor: Processor, answers: dict[str, Answers]) -> None:
    found = difference(answers[NATIVE.name], answers[processor.name])

    assert len(answers[NATIVE.name].decisions) >= DECISIONS
    assert found.lowest_cosine >= LOWEST_COSINE
    assert found.decisions == []


@pytest.mark.skipif(sum(not one.missing for one in PROCESSORS) < 2, reason="fewer than two processors can be emulated here")
def test_decisions_are_the_same_on_any_two_processors(answers: dict[str, Answers]) -> None:
    apart = {(one.processor, other.processor): difference(one, other) for one, other in combinations(answers.values(), 2)}

    assert [pair for pair, found in apart.items() if not found.is_none] == []


@pytest.mark.parametrize(
    "processor", [pytest.param(one, marks=mark, id=one.name) for one, mark in zip(PROCESSORS[:2], SKIP_MISSING, strict=False)]
)
def test_a_log_of_one_processor_is_replayed_on_another_without_a_difference(
    processor: Processor, store: Path, log: Path, tmp_path: Path
) -> None:
    out = tmp_path / "replay.json"
    command = [*processor.command, "-m", "tools.replay", "--store", str(store), "--log", str(log), "--out", str(out)]

    done = subprocess.run(command, env=processor.environment(), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    report = ReplayReport.model_validate_json(out.read_bytes())
    assert report.own.decisions >= DECISIONS
    assert (report.own.different, report.skipped) == (0, {})


@SKIP_MISSING[0]
@SKIP_MISSING[1]
def test_an_encoder_with_int8_arithmetic_is_detected(rounded_activations: Path) -> None:
    """The reason for this file: it must detect the quantisation of earlier releases."""
    sse4_and_avx2 = PROCESSORS[:2]

    found = difference(*(answers_of(processor, rounded_activations, every=0) for processor in sse4_and_avx2))

    assert found.lowest_cosine < LOWEST_COSINE
    assert not found.is_none
