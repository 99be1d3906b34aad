"""The comparison of processors on this one and a tiny version: it runs, and it notices a difference."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.encoders import VARIANTS, measure, variants_table
from benchmarks.processors.__main__ import all_answers, app, difference, pairs_table
from benchmarks.shared import emulation
from benchmarks.shared.emulation import NATIVE, Answers, Processor, answers_of, emulated
from rich.console import Console
from tests.support.tiny_training import tiny_model
from tests.support.tiny_version import folder_store, publish, write_version
from typer.testing import CliRunner

from fieldwise_common.errors import DataError
from fieldwise_training.encoder.parity import LABELS

EVERY = 100


def answers(processor: str, *vectors: list[float], decision: str = "accepted", score: float = 0.8) -> Answers:
    return Answers(processor, np.array(vectors), [["#a", "email", decision, "ranker"]], [score], 1.0)


def test_each_processor_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    write_version(tmp_path / "version")

    (found,) = all_answers([NATIVE], tmp_path / "version", EVERY)

    assert found.vectors.shape == (len(LABELS), 8)
    assert len(found.decisions) == len(found.scores) > 10
    assert difference(found, found).is_none


def test_vectors_alone_need_only_an_encoder(tmp_path: Path) -> None:
    files = write_version(tmp_path / "version")
    for name in set(files) - {"encoder.onnx", "tokenizer.json", "encoder.json"}:
        files[name].unlink()

    assert answers_of(NATIVE, tmp_path / "version", every=0).decisions == []


def test_a_process_that_fails_is_one_error_with_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"this machine's: exit code 1: .*encoder\.json"):
        answers_of(NATIVE, tmp_path, every=0)


def test_vectors_that_drift_apart_and_decisions_that_flip_are_differences() -> None:
    one = answers("one", [1.0, 0.0], [0.0, 1.0])

    drifted = difference(one, answers("other", [1.0, 0.0], [0.02, 0.9998]))
    flipped = difference(one, answers("other", [1.0, 0.0], [0.0, 1.0], decision="unsure", score=0.7))

    assert (drifted.is_none, drifted.decisions) == (False, [])
    assert drifted.lowest_cosine == pytest.approx(0.9998)
    assert (flipped.is_none, flipped.lowest_cosine, flipped.largest_score) == (False, 1.0, pytest.approx(0.1))
    assert flipped.decisions == [(["#a", "email", "accepted", "ranker"], ["#a", "email", "unsure", "ranker"])]


def test_a_missing_emulator_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulation.shutil, "which", lambda _: None)
    monkeypatch.setattr(emulation.platform, "machine", lambda: "x86_64")

    missing = {one.name: one.missing for one in emulated(None)}

    assert "apt install qemu-user" in missing["SSE4 (Nehalem)"]
    assert "apt install qemu-user" in missing["AVX2 (Haswell)"]
    assert "benchmarks/processors/arm64-root" in missing["arm64 (Neoverse N1)"]


def test_an_x86_processor_is_not_emulated_with_another_processors_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulation.platform, "machine", lambda: "aarch64")

    assert all(one.missing for one in emulated(None))


def test_an_arm64_folder_is_run_through_its_own_emulator(tmp_path: Path) -> None:
    (tmp_path / "qemu-aarch64").touch()

    arm64 = emulated(tmp_path)[-1]

    assert arm64.missing == ""
    assert arm64.command[0] == str(tmp_path / "qemu-aarch64")
    assert arm64.environment()["PYTHONPATH"].startswith(str(tmp_path / "site"))


def test_the_table_compares_every_pair_of_processors() -> None:
    with (console := Console(width=160)).capture() as captured:
        console.print(pairs_table([answers(name, [1.0, 0.0]) for name in ("a", "b", "c")]))

    assert [pair for pair in ("a / b", "a / c", "b / c") if pair not in captured.get()] == []


def test_the_command_compares_what_is_installed_and_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(folder_store(tmp_path / "models"), tmp_path / "scratch")
    twin = replace(NATIVE, name="its twin")
    monkeypatch.setattr("benchmarks.processors.__main__.emulated", lambda _: [twin, Processor("a rare one", missing="it is rare")])

    done = CliRunner().invoke(app, ["--store", str(tmp_path / "models"), "--every", str(EVERY)])

    assert done.exit_code == 0, done.output + done.stderr
    assert "this machine's / its twin" in done.stdout
    assert "not compared: a rare one: it is rare" in done.stderr


def test_a_store_without_a_version_is_reported_in_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--store", str(tmp_path)])

    assert done.exit_code == 1
    assert len(done.stderr.strip().splitlines()[-1:]) == 1
    assert "no version published" in done.stderr


def test_encoders_are_compared_with_the_exact_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.encoders.VARIANTS", (VARIANTS[0], VARIANTS[3], VARIANTS[-1]))

    measured = measure(str(tiny_model(tmp_path)), [replace(NATIVE, name="its twin")], 1, Console(file=io.StringIO()))

    exact, dynamic, served = measured.rows
    assert exact.lowest == pytest.approx(1.0, abs=1e-5)
    assert 0.9 < dynamic.lowest <= 1.0
    assert (served.is_served, served.lowest > 0.99, served.megabytes <= exact.megabytes) == (True, True, True)
    assert all(row.to_emulated["its twin"] == pytest.approx(1.0, abs=1e-6) for row in measured.rows)
    with (console := Console(width=180)).capture() as captured:
        console.print(variants_table(measured))
    assert "(served)" in captured.get()
    assert json.loads(measured.model_dump_json())["rows"][0]["name"] == "exact: float32"
