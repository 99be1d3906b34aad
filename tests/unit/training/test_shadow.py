"""What a training, and the command line, find about a candidate in shadow."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.feedback_log import form, said, store
from tests.support.tiny_training import tiny_context
from tests.support.tiny_version import folder_store, publish
from typer.testing import CliRunner

from fieldwise_common.decision_log import LogRow
from fieldwise_common.store import layout
from fieldwise_training.cli import app
from fieldwise_training.evaluation import shadow
from fieldwise_training.evaluation.changes import MAX_EXAMPLES, Change, Changes, change_of, filled
from fieldwise_training.evaluation.shadow import NO_SHADOWS, ShadowComparison, Shadows
from fieldwise_training.feedback.carry import read_feedback
from fieldwise_training.feedback.source import UNREAD
from fieldwise_training.state import parse_request
from fieldwise_training.steps.load import load
from fieldwise_training.steps.validate import begin, validate

HOUR = "2026/11/22/10"
LABELS = ("First name", "Last name", "Phone", "Other")


def in_shadow(row: LogRow, predicted: str, decision: str = "accepted", version: str = "candidate") -> LogRow:
    return replace(row, route="shadow", predicted=predicted, decision=decision, model_version=version, field="")


def found(tmp_path: Path, *rows: LogRow) -> Shadows:
    return read_feedback(store(tmp_path, HOUR, *rows), UNREAD, tmp_path).shadows


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [("tel", "tel", None), ("", "", None), ("tel", "email", Change.OTHER_ID), ("tel", "", Change.LOST), ("", "tel", Change.NEW)],
)
def test_a_change_is_what_its_user_sees(before: str, after: str, change: Change | None) -> None:
    assert change_of(before, after) == change


def test_a_field_is_filled_if_a_positive_id_was_accepted() -> None:
    outcomes = [("accepted", "tel"), ("unsure", "tel"), ("nothing", "none:search"), ("accepted", "none"), ("ignored", "")]

    assert [filled(*outcome) for outcome in outcomes] == ["tel", "", "", "", ""]


def test_examples_are_few_and_different_while_everything_is_counted() -> None:
    changes = Changes()
    for number in range(100):
        changes.add("tel", "", f"Label {number % 50}", "a-site")
    changes.add("", "tel", "Phone", "a-site")

    assert changes.counts == {Change.LOST: 100, Change.NEW: 1}
    assert [example.label for example in changes.examples] == [f"Label {n}" for n in range(MAX_EXAMPLES)] + ["Phone"]


def test_a_candidate_is_compared_with_the_live_version_field_by_field(tmp_path: Path) -> None:
    rows = form(1, labels=LABELS)
    candidate = [
        in_shadow(rows[0], "given-name"),
        in_shadow(rows[1], "tel"),
        in_shadow(rows[2], "tel", "unsure"),
        in_shadow(rows[3], "none", "nothing"),
    ]

    [compared] = found(tmp_path, *rows, *candidate, *rows, *candidate).comparisons

    assert (compared.candidate, compared.live, compared.requests, compared.fields, compared.same) == ("candidate", "v1", 1, 4, 1)
    assert compared.changed == {Change.OTHER_ID: 1, Change.LOST: 2}
    assert [(e.label, e.before, e.after) for e in compared.examples] == [
        ("First name", "tel", "given-name"),
        ("Phone", "tel", ""),
        ("Other", "tel", ""),
    ]


def test_feedback_tells_who_was_right(tmp_path: Path) -> None:
    rows = form(1, labels=LABELS)
    candidate = [in_shadow(rows[0], "given-name"), in_shadow(rows[1], "given-name"), in_shadow(rows[2], "tel-national")]
    feedback = [
        said(rows[0], "given-name"),  # the candidate is right
        said(rows[1], "family-name"),  # both are wrong
        said(rows[2]),  # the live version is right
    ]

    [compared] = found(tmp_path, *rows, *candidate, *feedback).comparisons

    assert (compared.fields, compared.better, compared.worse) == (3, 1, 1)


def test_no_row_of_another_user_or_without_its_decision_is_compared(tmp_path: Path) -> None:
    mine, others = form(1, labels=("Phone",)), form(2, labels=("Phone",))
    foreign = replace(in_shadow(mine[0], "email"), user_hash="somebody else")

    result = found(tmp_path, *mine, foreign, in_shadow(others[0], "email"))

    assert (result.comparisons, result.unmatched) == ((), 2)


def test_rows_beyond_the_limit_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow, "MAX_FIELDS", 2)
    rows = form(1, labels=LABELS)

    result = found(tmp_path, *rows, *(in_shadow(row, "tel") for row in rows))

    assert (result.comparisons[0].fields, result.left_out) == (2, 2)


def test_shadow_rows_are_neither_feedback_nor_malformed(tmp_path: Path) -> None:
    rows = form(1)
    log = store(tmp_path, HOUR, *rows, *(in_shadow(row, "email") for row in rows), said(rows[0], "given-name"))

    new = read_feedback(log, UNREAD, tmp_path)

    assert (len(new.votes), new.rows, new.quarantined) == (1, 5, {})
    assert {row.predicted for row in new.judged} == {"tel"}


def test_a_version_carries_what_its_training_read(tmp_path: Path) -> None:
    rows = form(1)
    context = tiny_context(tmp_path, feedback_log=store(tmp_path, HOUR, *rows, in_shadow(rows[0], "email")))
    begun = [validate(context, begin(context, parse_request({"mode": mode}), mode)) for mode in ("build-index-feedback", "build-index")]

    learning, other = (context.draft(load(context, state)).read(layout.SHADOWS) for state in begun)

    [compared] = Shadows.model_validate_json(learning).comparisons
    assert (compared.candidate, compared.changed) == ("candidate", {Change.OTHER_ID: 1})
    assert Shadows.model_validate_json(other) == NO_SHADOWS


def test_a_comparison_without_what_later_releases_add_is_read() -> None:
    text = '{"candidate": "a", "live": "b", "requests": 1, "fields": 2, "same": 2}'

    assert ShadowComparison.model_validate_json(text).changed == {}


def command(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["shadow", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_sets_shows_and_ends_the_shadow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "store"
    candidate = publish(folder_store(folder), tmp_path, "candidate")
    live = publish(folder_store(folder), tmp_path, "live")
    rows = [replace(row, model_version=live, timestamp="2999-01-01T00:00:00.000Z") for row in form(1)]
    log = store(tmp_path, "2999/01/01/00", *rows, *(in_shadow(row, "email", version=candidate) for row in rows))

    set_up = command(candidate, "--share", 0.5, "--store", folder)
    shown = command("--store", folder, "--feedback-log", log)
    ended = command("--off", "--store", folder)
    nothing = command("--store", folder)

    assert set_up[0] == shown[0] == ended[0] == nothing[0] == 0
    assert set_up[1].startswith(f"in shadow: {candidate}, 50.0% of the requests (by the command line, ")
    assert all(text in shown[1] for text in (live, "fill → other id", "First name", "email"))
    assert ended[1].startswith("no version is in shadow (by the command line, ")
    assert nothing[1] == ended[1]


def test_a_version_that_can_not_be_in_shadow_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    live = publish(folder_store(folder), tmp_path, "live")

    results = [command(live, "--store", folder), command("embeddings_v20200101T000000Z-000000", "--store", folder)]
    results.append(command(live, "--share", 3, "--store", folder))

    assert [code for code, _ in results] == [1, 1, 1]
    assert all(len(text.splitlines()) == 1 for _, text in results)
    assert command(live, "--off", "--store", folder)[0] == 2
