"""The latency benchmark over a version in miniature: what it times is what it says it times."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.latency.cli import app
from benchmarks.latency.cold_start import cold_start
from benchmarks.latency.forms import OPTIONS, cut_to_size, largest_form, many_options
from benchmarks.latency.timing import beside, in_turn, usual_form, wanted_texts
from benchmarks.latency.version import ForgetfulEncoder, Opened
from tests.support.tiny_version import folder_store, publish, write_encoder, write_version
from typer.testing import CliRunner

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import MAX_FIELDS
from fieldwise_inference.classify.ports import Vectors
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.ranker.model import NumpyRanker
from fieldwise_inference.classify.ranker.ranker import RankerSettings
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_inference.serving.version import load_version
from fieldwise_training.corpus import FieldExample, Form
from fieldwise_training.ranker.network import Network

CLASSES = ("none", "email", "tel")


def a_form(*labels: str) -> Form:
    return Form(site="a.example", lang="en", fields=tuple(FieldExample(label=label, truth="none") for label in labels))


FORMS = [a_form("First name", "Phone friend", "Email"), a_form("Remote office", "Search")]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    torch.manual_seed(0)
    network = Network(len(CLASSES), np.array([0, 1, 2]))
    weights = weights_from({f"0.{name}": array for name, array in network.arrays().items()}, 0)
    ranker = NumpyRanker(RankerSettings(classes=CLASSES, ids=CLASSES[1:], features=FEATURES, temperature=1.0, members=1), (weights,))
    return Opened(replace(load_version("tiny", write_version(tmp_path)), ranker=ranker), {"encoder.onnx": 1})


def test_forms_are_joined_and_cut_and_nothing_is_said_twice() -> None:
    cut = cut_to_size(FORMS, 2)

    assert [[field.label for field in request.fields] for request in cut] == [["First name", "Phone friend"], ["Email", "Remote office"]]
    assert all(len({field.selector for field in request.fields}) == 2 for request in cut)


def test_the_limits_are_reached() -> None:
    assert len(largest_form(FORMS).fields) == MAX_FIELDS
    assert len(many_options().fields[0].options) == OPTIONS


class Counting:
    def __init__(self, folder: Path) -> None:
        self.encoder = write_encoder(folder)
        self.embedded: list[str] = []

    def embed(self, texts: list[str]) -> Vectors:
        self.embedded += texts
        return self.encoder.embed(texts)

    def encode(self, texts: list[str]) -> Vectors:
        return self.encoder.encode(texts)


def test_a_forgetful_encoder_embeds_every_text_of_every_call_once(tmp_path: Path) -> None:
    inner = Counting(tmp_path)
    forgetful = ForgetfulEncoder(inner)
    texts = ["first name", "email", "first name"]

    vectors = [forgetful.encode(texts) for _ in range(2)]

    assert inner.embedded == ["first name", "email"] * 2
    assert np.allclose(vectors[0], inner.encoder.encode(texts))
    assert np.array_equal(vectors[0], vectors[1])
    assert forgetful.encode([]).shape == (0, 8)


def test_what_is_compared_takes_turns() -> None:
    order: list[str] = []
    requests = cut_to_size(FORMS, 5)

    times = in_turn({name: lambda _, name=name: order.append(name) for name in ("one", "other")}, requests, rounds=2)

    assert order[2:] == ["one", "other", "other", "one"]
    assert [len(times[name].rounds) for name in ("one", "other")] == [2, 2]


def test_an_answer_and_its_parts_are_timed(opened: Opened) -> None:
    requests = cut_to_size(FORMS, 2)

    found = usual_form(opened, requests, rounds=2)

    assert (found.fields, found.requests, found.rounds) == (2, 2, 2)
    assert found.encoded_texts == sum(len(wanted_texts(opened.version, request)) for request in requests) / 2 == 1.0
    assert 0 < found.ranker.median < found.with_ranker.median
    assert found.ratio > 0
    assert beside(opened, many_options(), 1).keys() == {"with_ranker", "without_ranker"}


def test_a_fresh_process_answers(tmp_path: Path) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")

    found = cold_start(str(tmp_path / "store"), cut_to_size(FORMS, 5)[0], times=1)

    assert min(found.imports, found.open, found.first_answer) > 0
    with pytest.raises(CorruptVersion, match="no version published"):
        cold_start(str(tmp_path / "empty"), many_options(), times=1)


def test_what_is_at_fault_is_named_in_one_line(tmp_path: Path) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")

    without = CliRunner().invoke(app, ["--store", str(tmp_path / "store"), "--out", str(tmp_path / "out.json")])
    empty = CliRunner().invoke(app, ["--store", str(tmp_path / "empty"), "--out", str(tmp_path / "out.json")])

    assert (without.exit_code, empty.exit_code) == (1, 1)
    assert "made without a ranker" in without.stderr
    assert "no version published" in empty.stderr
