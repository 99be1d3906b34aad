"""The latency benchmark over a tiny version: it times what its figures are named for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.latency.cli import app
from benchmarks.latency.requests import OPTIONS, bare, cut_to_size, described, largest_form, many_options
from benchmarks.latency.timing import UncachedEncoder, alternately, cold_start, ranker_against, usual_form, with_and_without_ranker
from tests.support.tiny_version import folder_store, publish, write_encoder, write_version
from typer.testing import CliRunner

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import MAX_FIELDS
from fieldwise_inference.classify.decide import texts_to_embed
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Vectors
from fieldwise_inference.serving.version import load_version
from fieldwise_training.corpus import FieldExample, Form


def a_form(*labels: str) -> Form:
    return Form(site="a.example", lang="en", fields=tuple(FieldExample(label=label, truth="none") for label in labels))


FORMS = [a_form("First name", "Phone friend", "Email"), a_form("Remote office", "Search")]


@pytest.fixture
def version(tmp_path: Path) -> LoadedVersion:
    return load_version("tiny", write_version(tmp_path))


def test_forms_are_joined_and_cut_with_unique_selectors() -> None:
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


def test_an_uncached_encoder_embeds_every_text_of_every_call_once(tmp_path: Path) -> None:
    inner = Counting(tmp_path)
    uncached = UncachedEncoder(inner)
    texts = ["first name", "email", "first name"]

    vectors = [uncached.encode(texts) for _ in range(2)]

    assert inner.embedded == ["first name", "email"] * 2
    assert np.allclose(vectors[0], inner.encoder.encode(texts))
    assert np.array_equal(vectors[0], vectors[1])
    assert uncached.encode([]).shape == (0, 8)


def test_calls_that_are_compared_alternate() -> None:
    order: list[str] = []
    requests = cut_to_size(FORMS, 5)

    times = alternately({name: lambda _, name=name: order.append(name) for name in ("one", "other")}, requests, rounds=2)

    assert order[2:] == ["one", "other", "other", "one"]
    assert [len(times[name].rounds) for name in ("one", "other")] == [2, 2]


def test_an_answer_and_its_parts_are_timed(version: LoadedVersion) -> None:
    requests = cut_to_size(FORMS, 2)

    found = usual_form(version, requests, rounds=2)

    assert (found.fields, found.requests, found.rounds) == (2, 2, 2)
    assert found.encoded_texts == sum(len(texts_to_embed(version, request.fields)) for request in requests) / 2 == 1.0
    assert 0 < found.ranker.median < found.with_ranker.median
    assert found.ratio > 0
    assert with_and_without_ranker(version, many_options(), 1).keys() == {"with_ranker", "without_ranker"}


def test_two_rankers_are_timed_on_forms_with_and_without_what_stands_around_the_fields(version: LoadedVersion) -> None:
    requests = cut_to_size(FORMS, 2)

    found = ranker_against(version, replace(version, version="other"), requests, rounds=2)

    assert found.model_version == "other"
    assert found.ratios.keys() == found.ours.keys() == found.theirs.keys()
    assert min(*found.ratios.values(), *found.ours.values(), *found.theirs.values()) > 0
    assert all(field.section and field.nearby and field.form for field in described(requests[0]).fields)
    assert not any(field.section or field.nearby or field.form for field in bare(described(requests[0])).fields)


def test_a_fresh_process_answers(tmp_path: Path) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")

    found = cold_start(str(tmp_path / "store"), cut_to_size(FORMS, 5)[0], times=1)

    assert min(found.imports, found.open, found.first_answer) > 0
    with pytest.raises(CorruptVersion, match="no version published"):
        cold_start(str(tmp_path / "empty"), many_options(), times=1)


def test_an_error_is_reported_in_one_line(tmp_path: Path) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch", has_ranker=False)

    without = CliRunner().invoke(app, ["--store", str(tmp_path / "store"), "--out", str(tmp_path / "out.json")])
    empty = CliRunner().invoke(app, ["--store", str(tmp_path / "empty"), "--out", str(tmp_path / "out.json")])

    assert (without.exit_code, empty.exit_code) == (1, 1)
    assert "made without a ranker" in without.stderr
    assert "no version published" in empty.stderr
