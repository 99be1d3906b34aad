"""The whole of it: a truth file through the real handler over a tiny version, to figures, pictures and a table."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.metrics.provider.cold_start import reset_cold_start_flag
from benchmarks.quality.cli import app
from benchmarks.quality.serving.process import HANDLER_MODULE
from benchmarks.quality.serving.stores import local_store
from tests.support.tiny_version import folder_store, publish
from typer.testing import CliRunner, Result

from fieldwise_common.errors import NoVersionPublished
from fieldwise_common.observability import metrics
from local.state_folder import StateFolder

FIELDS = (
    {"label": "First name", "truth": "given-name", "peer": "given-name"},
    {"label": "Email", "truth": "email", "peer": "none"},
    {"label": "Search", "type": "search", "truth": "none", "peer": "none"},
    {"label": "Phone", "truth": "family-name", "peer": "family-name"},
    {"name": "q7", "truth": "email", "peer": "none", "lang": "de"},
)


@pytest.fixture(autouse=True)
def _metrics_as_before() -> Iterator[None]:
    """Another test may want to see its function start cold."""
    yield
    metrics.clear_metrics()
    reset_cold_start_flag()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")
    return tmp_path / "store"


@pytest.fixture
def fields(tmp_path: Path) -> Path:
    usual = {"site": "a.example", "source": "chromium", "lang": "en", "form": "1"}
    path = tmp_path / "fields.jsonl"
    path.write_text("".join(json.dumps({**usual, "i": i, "order": i, **field}) + "\n" for i, field in enumerate(FIELDS)))
    return path


def quality(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_a_truth_file_is_measured_through_the_handler(tmp_path: Path, store: Path, fields: Path) -> None:
    result = quality(fields, "--store", store, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    found = read_json(tmp_path / "out" / "quality.json")
    assert found["model_version"].startswith("embeddings_v")
    assert found["overall"]["recall"] == {"hits": 2, "of": 4, "value": 0.5}
    assert found["overall"]["false_fill"]["value"] == 0.0
    assert found["references"][0]["theirs"]["recall"]["value"] == 0.5
    assert found["methods"]["lexical-exact"] == 3
    assert sum(found["outcomes"].values()) == len(FIELDS)
    assert found["operating_point"]["recall"] == 0.5
    assert found["outside_vocabulary"] == {}
    assert found["timing"]["forms"] == 1


def test_the_table_says_all_and_nothing_else_is_printed(tmp_path: Path, store: Path, fields: Path) -> None:
    result = quality(fields, "--store", store, "--out", tmp_path / "out")

    for title in ("fields.jsonl: 5 fields in 1 forms of 1 sites", "by language", "by source", "by canonical id", "worst confusions"):
        assert title in result.stdout
    for title in ("decisions", "by method", "operating point", "expected calibration error", "ms a form", "chromium's own"):
        assert title in result.stdout
    assert "_aws" not in result.stdout


def test_predictions_and_pictures_lie_beside_the_figures(tmp_path: Path, store: Path, fields: Path) -> None:
    quality(fields, "--store", store, "--out", tmp_path / "out")

    predictions = [json.loads(line) for line in (tmp_path / "out" / "predictions.jsonl").read_text().splitlines()]
    assert [line["i"] for line in predictions] == [0, 1, 2, 3, 4]
    assert [line["pred"] for line in predictions[:4]] == ["given-name", "email", "none", "tel"]
    for picture in ("curve.png", "reliability.png", "confusion.png"):
        assert (tmp_path / "out" / picture).read_bytes().startswith(b"\x89PNG")


def test_the_process_is_left_as_it_was(tmp_path: Path, store: Path, fields: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_STORE", "before")
    monkeypatch.setitem(sys.modules, HANDLER_MODULE, sys)
    temp = tempfile.gettempdir()

    quality(fields, "--store", store, "--out", tmp_path / "out")

    assert os.environ["MODEL_STORE"] == "before"
    assert "AUTH_JWKS_URL" not in os.environ
    assert sys.modules[HANDLER_MODULE] is sys
    assert tempfile.gettempdir() == temp


def test_authored_forms_are_measured_the_same_way(tmp_path: Path, store: Path) -> None:
    form = {"site": "a.example", "lang": "en", "kind": "signup", "fields": [{"label": "Email", "truth": "email"}]}
    (tmp_path / "forms.jsonl").write_text(json.dumps(form) + "\n")

    result = quality(tmp_path / "forms.jsonl", "--store", store, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert read_json(tmp_path / "out" / "quality.json")["by_source"]["signup"]["recall"]["value"] == 1.0


def refusal(*arguments: object) -> str:
    """The one line a refused run says."""
    result = quality(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_what_is_at_fault_is_named_in_one_line(tmp_path: Path, store: Path, fields: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(fields.read_text() + "{\n")
    taken = tmp_path / "taken"
    taken.write_text("a file")

    assert refusal(bad, "--store", store).startswith("bad.jsonl, line 6: not JSON")
    assert "no such file" in refusal(tmp_path / "nowhere.jsonl", "--store", store)
    assert "published" in refusal(fields, "--store", tmp_path / "empty")
    assert "neither s3://bucket/prefix nor a folder" in refusal(fields, "--store", "ftp://models")
    assert "can't be written to" in refusal(fields, "--store", store, "--out", taken)


def test_a_version_that_cannot_be_served_is_named(tmp_path: Path, fields: Path) -> None:
    version = publish(folder_store(tmp_path / "store"), tmp_path / "scratch", damage={"index.faiss": b"half"})

    assert version in refusal(fields, "--store", tmp_path / "store")


def test_a_form_that_inference_refuses_is_named_with_the_answer(tmp_path: Path, store: Path) -> None:
    options = [{"value": "x" * 500, "text": "y" * 500} for _ in range(1300)]
    row = {"i": 0, "site": "huge.example", "lang": "en", "form": "1", "order": 0, "label": "Email", "truth": "email", "options": options}
    (tmp_path / "huge.jsonl").write_text(json.dumps(row))

    assert "inference answered 413 to the form of huge.example" in refusal(tmp_path / "huge.jsonl", "--store", store)


def test_the_embedded_stacks_store_is_found_where_it_keeps_its_objects(tmp_path: Path) -> None:
    models = tmp_path / "data" / "s3" / "fieldwise-local-data-bucket" / "models"
    models.mkdir(parents=True)

    with pytest.raises(NoVersionPublished, match="make run"):
        local_store(StateFolder(tmp_path))
    (models / "latest").write_text("{}")
    assert local_store(StateFolder(tmp_path)) == str(models)
