"""Versions with and without an encoder are trained, compared site by site, and timed."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.nearness.__main__ import app
from benchmarks.nearness.figures import ALL, by_language
from benchmarks.nearness.timing import milliseconds
from benchmarks.nearness.variants import AS_IS, NGRAMS, NOT_SERVED, WITHOUT, without_encoder, without_lexicon
from benchmarks.shared.site_counts import COLUMNS, MeasuredForms, counts_of, measured_file
from tests.support.tiny_training import tiny_data
from tests.support.tiny_version import folder_store, publish, write_version
from typer.testing import CliRunner

from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.version import load_version
from fieldwise_training.evaluation.predictions import TruthForm

REQUEST = MlClassifyRequest(fields=(FieldDescriptor(selector="#a", label="Your first name"), FieldDescriptor(selector="#b", label="Email")))


@pytest.fixture
def version(tmp_path: Path) -> LoadedVersion:
    return load_version("v", write_version(tmp_path / "version"))


def signals(version: LoadedVersion) -> list[str]:
    return [signal.partition(":")[0] for decision in classify(version, REQUEST).decisions for signal in decision.confidence_signals]


def test_without_an_encoder_no_text_has_a_near_id_and_without_a_lexicon_none_is_known(version: LoadedVersion) -> None:
    assert {"near", "lexical"} <= set(signals(version))
    assert "lexical" in signals(without_encoder(version))
    assert "near" not in signals(without_encoder(version))
    assert not {"near", "lexical"} & set(signals(without_lexicon(without_encoder(version))))


def test_each_variant_is_compared_with_the_first_by_language() -> None:
    langs = ("en",) * 6 + ("fi",) * 4 + ("he",)
    forms = tuple(TruthForm("", lang, REQUEST, (), cluster=f"{n}.example") for n, lang in enumerate(langs))
    counts = np.zeros((3, 2, len(langs), len(COLUMNS)))
    counts[..., COLUMNS.index("fields")] = 10
    counts[..., COLUMNS.index("right")] = 8
    counts[1, :, :6, COLUMNS.index("right")] = 7  # worse in English
    counts[2, 1, :, COLUMNS.index("right")] = 9  # better in one training of two
    counts[..., COLUMNS.index("meaningful")] = 5

    everything, english, finnish = by_language(["one", "two", "three"], counts, MeasuredForms("forms", forms, frozenset()), 20)

    assert (everything.language, everything.fields, english.language, finnish.language) == (ALL, 110, "en", "fi")
    first, second, third = english.variants
    assert (first.overall, first.differences, first.precision) == (80.0, None, None)
    assert second.differences is not None
    assert third.differences is not None
    assert second.differences["overall"].model_dump() == {"value": -10.0, "low": -10.0, "high": -10.0}
    assert third.overall_of_runs == (80.0, 90.0)
    assert third.differences["overall"].model_dump() == {"value": 5.0, "low": 0.0, "high": 10.0}
    assert "precision" not in third.differences
    assert finnish.variants[1].overall == 80.0


def test_equivalent_ids_count_as_right_and_ids_outside_the_vocabulary_as_none(tmp_path: Path, version: LoadedVersion) -> None:
    rows = [
        {"label": "Phone", "truth": "tel-national"},
        {"label": "Email", "truth": "none"},
        {"label": "First name", "truth": "given-name"},
    ]
    usual = {"site": "a.example", "lang": "en", "form": "1"}
    path = tmp_path / "real.jsonl"
    path.write_text("\n".join(json.dumps({**usual, "i": i, "order": i, **row}) for i, row in enumerate(rows)))

    [counted] = counts_of(version, measured_file(path))

    found = dict(zip(COLUMNS, counted.tolist(), strict=True))
    assert found == {"fields": 3, "right": 3, "meaningful": 2, "recognised": 2, "filled": 2, "empty": 1, "false_fills": 0}


def test_every_version_is_timed(version: LoadedVersion) -> None:
    times = milliseconds([version, without_encoder(version)], [REQUEST] * 3)

    assert len(times) == 2
    assert min(times) > 0


def test_the_command_trains_compares_and_writes(tmp_path: Path) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")
    publish(folder_store(tmp_path / "other"), tmp_path / "scratch", "other")
    tiny_data(tmp_path / "data")
    options = ("--store", tmp_path / "store", "--against", tmp_path / "other", "--data", tmp_path / "data", "--out", tmp_path / "gain.json")

    result = CliRunner().invoke(app, [str(one) for one in (*options, "--runs", 1, "--epochs", 1)])

    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "gain.json").read_text("utf-8"))
    [everything] = found["forms"]["held-out forms"]
    assert everything["fields"] == 4
    names = [one["variant"] for one in everything["variants"]]
    assert names[:4] == [AS_IS, NOT_SERVED, WITHOUT, NGRAMS]
    assert names[4].startswith("with the encoder of embeddings_v")
    assert list(found["milliseconds"]) == names
