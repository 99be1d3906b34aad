import io
import json
import threading
from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from fieldwise_common.observability import logger
from fieldwise_training.progress.display import FILE_SECONDS, StepDisplay
from fieldwise_training.progress.report import LOG_SECONDS, LoggedProgress, ProgressCounter, ProgressReport, parse_report, tracked


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def display_into_a_file() -> tuple[StepDisplay, Clock, Callable[[], list[str]]]:
    file, clock = io.StringIO(), Clock()
    return StepDisplay(Console(file=file, width=200), clock), clock, lambda: file.getvalue().splitlines()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the function's logger writes, at level INFO."""
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    before = logger.log_level
    logger.setLevel("INFO")
    yield written
    logger.setLevel(before)


def test_an_item_is_done_when_the_next_one_is_requested() -> None:
    reports: list[ProgressReport] = []

    for item in tracked(reports.append, "forms read", ["a", "b"]):
        reports.append(ProgressReport(work=item, done=0, total=0))

    assert [(r.work, r.done, r.total) for r in reports] == [
        ("forms read", 0, 2),
        ("a", 0, 0),
        ("forms read", 1, 2),
        ("b", 0, 0),
        ("forms read", 2, 2),
    ]


def test_work_done_in_many_threads_is_counted_once_each() -> None:
    reports: list[ProgressReport] = []
    counter = ProgressCounter(reports.append, "texts", 400)
    threads = [threading.Thread(target=lambda: [counter.add() for _ in range(100)]) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [report.done for report in reports] == list(range(401))


def test_a_report_is_parsed_from_a_line_of_the_functions_log(log: io.StringIO) -> None:
    report = ProgressReport(work="epochs", done=40, total=40, detail="loss 0.12")

    LoggedProgress()(report)

    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["message"] == "epochs: 40 of 40"
    assert parse_report(line) == report
    assert parse_report("2026-11-29 container | " + line) == report


def test_the_log_has_at_most_one_line_per_interval_and_always_the_last(log: io.StringIO) -> None:
    clock = Clock()
    on_progress = LoggedProgress(clock)

    for done in range(1, 11):
        clock.now += LOG_SECONDS / 4
        on_progress(ProgressReport(work="texts", done=done, total=10))

    reports = [parse_report(line) for line in log.getvalue().splitlines()]
    assert [report.done for report in reports if report is not None] == [1, 5, 9, 10]


@pytest.mark.parametrize(
    "line", ["", "START RequestId: 1", '{"message": "step done"}', '{"progress": 7}', '{"progress": {"work": "a"}}', '"progress" {']
)
def test_a_line_without_a_report_is_ignored(line: str) -> None:
    assert parse_report(line) is None


def test_a_file_has_at_most_one_line_per_interval_about_the_current_step() -> None:
    display, clock, lines = display_into_a_file()

    with display.step("ranker"):
        for done in range(1, 6):
            clock.now += FILE_SECONDS / 2
            display.report(ProgressReport(work="epochs", done=done, total=8, detail="loss 0.5"))

    assert lines() == [
        "    … ranker 10 s: 2 of 8 epochs, loss 0.5",
        "    … ranker 20 s: 4 of 8 epochs, loss 0.5",
    ]


def test_a_short_step_has_no_line_in_a_file() -> None:
    display, clock, lines = display_into_a_file()

    with display.step("load"):
        clock.now += 1
        display.report(ProgressReport(work="forms read", done=1, total=2))

    assert lines() == []


def test_a_terminal_shows_a_bar_and_removes_it_at_the_end() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=120)
    display = StepDisplay(console)

    with pytest.raises(RuntimeError, match="a step that fails"), display.step("ranker"):
        display.report(ProgressReport(work="epochs", done=3, total=8, detail="loss 0.5"))
        raise RuntimeError("a step that fails")

    shown = file.getvalue()
    assert "ranker: epochs, loss 0.5" in shown
    assert "3/8" in shown
    assert shown.rstrip().endswith("\x1b[2K")  # the line is erased
