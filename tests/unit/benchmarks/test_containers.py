"""The benchmark of the containers as far as it runs without a Docker engine; `make e2e-sam` starts the images with it."""

import io
from pathlib import Path

import pytest
from benchmarks.containers.__main__ import app, image_table, start_table
from benchmarks.containers.images import Image
from benchmarks.containers.start import Start
from rich.console import Console
from typer.testing import CliRunner

IMAGE = Image("inference", "3.13", size=924.0, base_size=510.0)


def printed(table: object) -> str:
    console = Console(width=200, file=io.StringIO())
    console.print(table)
    return console.file.getvalue()


def test_a_store_without_a_version_is_reported_in_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--store", str(tmp_path)])

    assert done.exit_code == 1
    assert "no folder with a published version" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_engine_that_does_not_answer_is_reported_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "latest").write_text("{}")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody")

    done = CliRunner().invoke(app, ["--store", str(tmp_path)])

    assert done.exit_code == 1
    assert "the Docker engine does not answer" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_cold_start_is_the_first_answers_time_minus_the_nexts() -> None:
    assert Start(first=2000.0, next=200.0, megabytes=1.0).cold == 1800.0


def test_starts_are_shown_beside_the_empty_handlers() -> None:
    text = printed(
        start_table({"empty": [Start(53, 3, 11)], "inference": [Start(1603, 3, 270), Start(1503, 3, 268), Start(1703, 3, 269)]}, 3)
    )

    assert "1600" in text
    assert "1500–1700" in text
    assert "32.0" in text
    assert "0.16" in text


def test_an_image_is_shown_with_what_it_adds_to_its_base() -> None:
    text = printed(image_table([IMAGE], {}))

    assert "414" in text
    assert "not built" in text
