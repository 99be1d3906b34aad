"""What `make train` shows of a running training, from the functions' logs."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from fieldwise_training.progress.report import ProgressReport
from local.train import TrainingLog, Watcher, failed_state


def line(done: int, work: str = "texts embedded") -> str:
    return json.dumps({"message": "x", "progress": {"work": work, "done": done, "total": 9, "detail": ""}}) + "\n"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_only_lines_logged_after_the_start_are_read_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "training.log"
    append(path, line(1))
    log = TrainingLog(tmp_path)

    append(path, "START RequestId: 7\n" + line(2) + '{"message": "step done"}\n')
    first = list(log.new_reports())
    append(path, line(3))

    assert [report.done for report in first] == [2]
    assert [report.done for report in log.new_reports()] == [3]
    assert list(log.new_reports()) == []


def test_a_line_that_is_still_being_written_is_read_once_it_is_complete(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path)
    whole = line(4, "epochs")
    append(tmp_path / "sam-start-lambda.log", whole[:30])

    before = list(log.new_reports())
    append(tmp_path / "sam-start-lambda.log", whole[30:])

    assert before == []
    assert list(log.new_reports()) == [ProgressReport(work="epochs", done=4, total=9)]


def test_a_folder_without_logs_has_no_reports(tmp_path: Path) -> None:
    assert list(TrainingLog(tmp_path / "none").new_reports()) == []


def test_a_state_is_shown_with_its_progress_and_then_with_its_duration(tmp_path: Path) -> None:
    file = io.StringIO()
    watcher = Watcher(TrainingLog(tmp_path), Console(file=file, force_terminal=True, width=120))

    watcher.entered("ranker")
    append(tmp_path / "training.log", line(5, "epochs"))
    watcher.show_progress()
    watcher.entered("evaluate")
    watcher.finish(False)

    shown = file.getvalue()
    assert "ranker: epochs" in shown
    assert "5/9" in shown
    assert shown.index("✓") < shown.index("✗")


def test_a_state_after_which_the_failure_is_recorded_is_shown_as_failed(tmp_path: Path) -> None:
    file = io.StringIO()
    watcher = Watcher(TrainingLog(tmp_path), Console(file=file))

    for state in ("load", "index", "failed"):
        watcher.entered(state)

    assert [line.split()[:2] for line in file.getvalue().splitlines()] == [["✓", "load"], ["✗", "index"]]


@pytest.mark.parametrize(
    ("states", "failed"), [([], ""), (["load"], "load"), (["load", "index", "failed", "Failed"], "index"), (["load", "failed"], "load")]
)
def test_the_state_that_failed_is_not_the_one_that_records_it(states: list[str], failed: str) -> None:
    assert failed_state(states) == failed


@pytest.mark.parametrize("succeeded", [True, False])
def test_an_execution_that_entered_no_state_shows_nothing(succeeded: bool, tmp_path: Path) -> None:
    file = io.StringIO()

    Watcher(TrainingLog(tmp_path), Console(file=file)).finish(succeeded)

    assert file.getvalue() == ""
