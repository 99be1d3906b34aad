"""The command: from a truth file and a tiny version to figures, pictures and tables."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.quality.__main__ import app
from benchmarks.shared.store import local_store
from tests.support.tiny_version import folder_store, publish
from typer.testing import CliRunner, Result

from fieldwise_common.errors import NoVersionPublished

FIELDS = (
    {"label": "First name", "truth": "given-name", "peer": "given-name"},
    {"label": "Email", "truth": "email", "peer": "none"},
    {"label": "Search", "type": "search", "truth": "none", "peer": "none"},
    {"label": "Phone", "truth": "family-name", "peer": "family-name"},
    {"name": "q7", "truth": "email", "peer": "none", "lang": "de"},
)


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


def test_a_truth_file_is_measured(tmp_path: Path, store: Path, fields: Path) -> None:
    result = quality(fields, "--store", store, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    found = read_json(tmp_path / "out" / "quality.json")
    assert found["model_version"].startswith("embeddings_v")
    assert found["overall"]["recall"] == {"hits": 2, "of": 4, "value": 0.5}
    assert found["overall"]["false_fill"]["value"] == 0.0
    assert found["references"][0]["theirs"]["recall"]["value"] == 0.5
    assert found["methods"] == {"ranker": 4, "type": 1}
    assert sum(found["outcomes"].values()) == len(FIELDS)
    assert found["operating_point"]["recall"] == 0.5
    assert found["outside_vocabulary"] == {}
    assert found["timing"]["forms"] == 1


def test_every_table_is_printed(tmp_path: Path, store: Path, fields: Path) -> None:
    result = quality(fields, "--store", store, "--out", tmp_path / "out")

    for title in ("fields.jsonl: 5 fields in 1 forms of 1 sites", "by language", "by source", "by canonical id", "worst confusions"):
        assert title in result.stdout
    for title in ("decisions", "by method", "operating point", "expected calibration error", "ms a form", "chromium on"):
        assert title in result.stdout


def test_predictions_and_pictures_are_written_beside_the_figures(tmp_path: Path, store: Path, fields: Path) -> None:
    quality(fields, "--store", store, "--out", tmp_path / "out")

    predictions = [json.loads(line) for line in (tmp_path / "out" / "predictions.jsonl").read_text().splitlines()]
    assert [line["i"] for line in predictions] == [0, 1, 2, 3, 4]
    assert [line["pred"] for line in predictions[:4]] == ["given-name", "email", "none", "tel"]
    for picture in ("curve.png", "reliability.png", "confusion.png", "kinds.png"):
        assert (tmp_path / "out" / picture).read_bytes().startswith(b"\x89PNG")


def test_a_version_can_be_measured_without_its_ranker(tmp_path: Path, store: Path, fields: Path) -> None:
    quality(fields, "--store", store, "--out", tmp_path / "with")
    without = quality(fields, "--store", store, "--out", tmp_path / "without", "--without-ranker")

    assert "ranker" in read_json(tmp_path / "with" / "quality.json")["methods"]
    assert "ranker" not in read_json(tmp_path / "without" / "quality.json")["methods"]
    assert "without its ranker" in without.stdout


def test_authored_forms_are_measured_the_same_way(tmp_path: Path, store: Path) -> None:
    form = {"site": "a.example", "lang": "en", "kind": "signup", "fields": [{"label": "Email", "truth": "email"}]}
    (tmp_path / "forms.jsonl").write_text(json.dumps(form) + "\n")

    result = quality(tmp_path / "forms.jsonl", "--store", store, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert read_json(tmp_path / "out" / "quality.json")["by_source"]["signup"]["recall"]["value"] == 1.0


def test_a_file_of_cases_is_recognised_and_filled_from_the_example_profile(tmp_path: Path, store: Path) -> None:
    case = {
        "case": "sign-up",
        "kind": "plain",
        "lang": "en",
        "fields": [{"selector": "#a", "label": "First name"}, {"selector": "#b", "label": "Email"}, {"selector": "#c", "label": "Search"}],
        "truth": {"#a": "given-name", "#b": "none", "#c": "none"},
        "fills": {"#a": ["Mari", "Marisol"], "#b": None, "#c": None},
        "whose": {"#b": "recipient"},
    }
    (tmp_path / "cases.jsonl").write_text(json.dumps(case) + "\n")

    result = quality(tmp_path / "cases.jsonl", "--store", store, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    for title in ("by kind of form", "the same version without its ranker", "other people's fields", "wrong answers (1)"):
        assert title in result.stdout
    found = read_json(tmp_path / "out" / "quality.json")["kinds"]
    assert found["by_kind"]["plain"]["values"] == {"right": 2, "silent": 0, "wrong": 1}
    assert found["other_people"]["filled"] == {"hits": 1, "of": 1, "value": 1.0}
    assert [(one["field"], one["filled"]) for one in found["mistakes"]] == [("#b", "marisol.okafor@example.com")]


def refusal(*arguments: object) -> str:
    """The one line that a failed run prints."""
    result = quality(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_an_error_is_reported_in_one_line(tmp_path: Path, store: Path, fields: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(fields.read_text() + "{\n")
    taken = tmp_path / "taken"
    taken.write_text("a file")

    assert refusal(bad, "--store", store).startswith("bad.jsonl, line 6: not JSON")
    assert "no such file" in refusal(tmp_path / "nowhere.jsonl", "--store", store)
    assert "published" in refusal(fields, "--store", tmp_path / "empty")
    assert "neither s3://bucket/prefix nor a folder" in refusal(fields, "--store", "ftp://models")
    assert "can't write" in refusal(fields, "--store", store, "--out", taken)


def test_a_version_that_cannot_be_served_is_named(tmp_path: Path, fields: Path) -> None:
    version = publish(folder_store(tmp_path / "store"), tmp_path / "scratch", damage={"index.faiss": b"half"})

    assert version in refusal(fields, "--store", tmp_path / "store")


def test_the_embedded_stacks_store_is_found_where_it_keeps_its_objects(tmp_path: Path) -> None:
    models = tmp_path / "data" / "s3" / "fieldwise-local-data-bucket" / "models"
    models.mkdir(parents=True)

    with pytest.raises(NoVersionPublished, match="make run"):
        local_store(tmp_path)
    (models / "latest").write_text("{}")
    assert local_store(tmp_path) == str(models)
