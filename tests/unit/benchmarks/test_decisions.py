"""Every decision and fill, recorded and compared."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.decisions import app, differences
from tests.support.tiny_version import folder_store, publish
from typer.testing import CliRunner, Result

FIELDS = ({"label": "First name", "truth": "given-name"}, {"label": "Email", "truth": "email"}, {"label": "?", "truth": "none"})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish(folder_store(tmp_path / "store"), tmp_path / "scratch")
    return tmp_path / "store"


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    path = tmp_path / "forms.jsonl"
    rows = [{"i": i, "site": "a.example", "form": "1", "order": i, "lang": "en", **field} for i, field in enumerate(FIELDS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def decisions(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_record_has_every_decision_and_the_fill_of_every_truth_but_no_text(store: Path, forms: Path, tmp_path: Path) -> None:
    done = decisions(forms, "--store", store, "--out", tmp_path / "record")

    assert (done.exit_code, done.stdout) == (0, "3 fields, recorded\n")
    record = [json.loads(line) for line in (tmp_path / "record").read_text("utf-8").splitlines()]
    assert [(one["field"], one["predicted"]) for one in record][:2] == [("a.example 0", "given-name"), ("a.example 1", "email")]
    assert record[0]["fill"][0]
    assert "First name" not in (tmp_path / "record").read_text("utf-8")


def test_the_same_code_makes_no_difference_and_another_answer_is_one(store: Path, forms: Path, tmp_path: Path) -> None:
    record = tmp_path / "record"
    decisions(forms, "--store", store, "--out", record)
    same = decisions(forms, "--store", store, "--against", record)
    record.write_text(record.read_text("utf-8").replace("given-name", "name"), "utf-8")

    changed = decisions(forms, "--store", store, "--against", record)

    assert (same.exit_code, same.stdout) == (0, "3 fields, no difference\n")
    assert changed.exit_code == 1
    assert "a.example 0" in changed.stdout


def test_a_field_that_only_one_record_has_is_a_difference() -> None:
    one: dict[str, Any] = {"field": "a 1", "predicted": "email"}

    assert differences([one], []) == [("a 1", "field", "there", None)]
    assert differences([], [one]) == [("a 1", "field", None, "there")]
    assert differences([one], [{**one, "predicted": "tel"}]) == [("a 1", "predicted", "email", "tel")]


def test_a_record_that_can_not_be_read_is_reported_in_one_line(store: Path, forms: Path, tmp_path: Path) -> None:
    (tmp_path / "record").write_text("{", "utf-8")

    for record in ("record", "missing"):
        done = decisions(forms, "--store", store, "--against", tmp_path / record)

        assert done.exit_code == 1
        assert done.stderr.startswith("can't read the record")
        assert done.stderr.count("\n") == 1
