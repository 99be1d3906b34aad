"""The load: when requests are due, what counts as dropped or mixed, and how long an answer took."""

import asyncio
import time
from pathlib import Path

import pytest
from benchmarks.load.__main__ import app
from benchmarks.load.figures import Figures, Load, changed, figures_of, mixed, stretches
from benchmarks.load.generator import PATH, Request, arrivals, send_all
from benchmarks.load.generator import Answer as Outcome
from tests.support.server import Answer, running_server
from typer.testing import CliRunner

OLD, NEW = "old", "new"


def test_arrivals_are_bounded_and_the_same_for_a_seed() -> None:
    due = arrivals(rate=50, seconds=20)

    assert due == arrivals(rate=50, seconds=20) == sorted(due)
    assert due != arrivals(rate=50, seconds=20, seed=1)
    assert due[0] > 0 and due[-1] < 20
    assert 800 < len(due) < 1200


def test_an_answer_counts_from_when_it_was_due() -> None:
    assert Outcome(due=1.0, finished=3.5, version=OLD).milliseconds == 2500


@pytest.mark.parametrize(
    ("answer", "version", "error"),
    [
        (Answer(body={"model_version": OLD, "matches": []}), OLD, ""),
        (Answer(body={"model_version": OLD, "matches": [], "ignored": 1}), "", "fields were ignored"),
        (Answer(503, {"title": "no version"}), "", "503"),
        (Answer(body=b"<html>"), "", "not an answer"),
    ],
)
def test_requests_are_sent_and_their_answers_read(answer: Answer, version: str, error: str) -> None:
    with running_server() as server:
        server.answers[PATH] = answer
        requests = [Request(0.0, f"token-{number}", {"fields": [{}, {}]}) for number in range(3)]

        answers = asyncio.run(send_all(server.url, requests, time.monotonic()))

    assert [(one.version, one.error) for one in answers] == [(version, error)] * 3
    assert sorted(received.headers["authorization"] for received in server.received) == [f"Bearer token-{number}" for number in range(3)]


def test_a_refused_connection_is_counted_not_raised() -> None:
    with running_server() as server:
        gone = server.url

    [answer] = asyncio.run(send_all(gone, [Request(0.0, "token", {"fields": []})], time.monotonic()))

    assert answer.error == "ConnectError"


ANSWERS = [
    Outcome(0.0, 0.1, OLD),
    Outcome(1.0, 1.3, OLD),
    Outcome(2.0, 2.9, NEW),
    Outcome(2.2, 2.6, OLD),
    Outcome(4.0, 4.2, NEW),
    Outcome(5.0, 5.0, error="503"),
]


def test_figures_count_answers_errors_and_versions() -> None:
    found = figures_of(ANSWERS)

    assert (found.requests, found.answered, found.errors, found.versions) == (6, 5, {"503": 1}, {OLD: 3, NEW: 2})
    assert found.per_second == pytest.approx(1.0)
    assert [found.p50, found.p99, found.longest] == pytest.approx([300.0, 900.0, 900.0])
    assert figures_of([]) == Figures(requests=0, answered=0, errors={}, per_second=0, p50=None, p99=None, longest=None, versions={})


def test_stretches_divide_by_when_a_request_was_due() -> None:
    assert {name: part.requests for name, part in stretches(ANSWERS, 1.9, 3.0).items()} == {"before": 2, "during": 2, "after": 2}


@pytest.mark.parametrize(
    ("wrong", "count"),
    [
        ((), 0),
        ((Outcome(0.5, 0.6, NEW),), 1),
        ((Outcome(3.5, 3.6, OLD),), 1),
        ((Outcome(2.0, 2.1, "another"),), 1),
        ((Outcome(1.5, 3.6, OLD), Outcome(1.8, 2.2, NEW)), 0),
    ],
)
def test_answers_by_the_wrong_version_are_counted(wrong: tuple[Outcome, ...], count: int) -> None:
    assert mixed([*ANSWERS, *wrong], OLD, NEW, began=1.9, ended=3.0) == count


@pytest.mark.parametrize(
    ("answers", "is_good"), [(ANSWERS[:-1], True), (ANSWERS, False), (ANSWERS[:2], False), ([*ANSWERS[:-1], Outcome(3.5, 3.6, OLD)], False)]
)
def test_a_load_is_good_when_nothing_is_dropped_or_mixed_and_both_versions_answer(answers: list[Outcome], is_good: bool) -> None:
    load = Load(
        rate=1,
        seconds=6,
        fields=2,
        before=OLD,
        promoted=NEW,
        promotion_ms=1100,
        whole=figures_of(answers),
        stretches=stretches(answers, 1.9, 3.0),
        mixed=mixed(answers, OLD, NEW, 1.9, 3.0),
        changed=0,
    )

    assert load.is_good == is_good
    assert not load.model_copy(update={"changed": 1}).is_good


def test_answers_unlike_the_first_about_their_form_are_counted() -> None:
    email, tel = (("#a", "email"),), (("#a", "tel"),)
    answers = [Outcome(0, 1, OLD, matches=matches) for matches in (email, tel, email, tel, tel)]

    assert changed(answers, forms=2) == 1
    assert changed([Outcome(0, 1, error="503"), *answers[1:]], forms=2) == 1


@pytest.mark.parametrize(
    ("option", "words"), [([], "no stack is running here"), (["--store", "nowhere"], "not a folder with a published version")]
)
def test_without_a_stack_the_error_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: list[str], words: str) -> None:
    monkeypatch.setattr("benchmarks.load.__main__.isolate", lambda: None)  # it changes this process's environment

    done = CliRunner().invoke(app, ["--state", str(tmp_path), "--out", str(tmp_path / "load.json"), *option])

    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
