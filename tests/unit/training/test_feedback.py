import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.feedback_log import SITE, as_previous_release, form, later, said, store, unsigned

from fieldwise_common.decision_log import COLUMNS, LogRow, encode
from fieldwise_common.errors import DataError, SettingsError
from fieldwise_training.feedback import read
from fieldwise_training.feedback.carry import Carried, NewFeedback, merged, read_feedback
from fieldwise_training.feedback.join import MAX_TRIED
from fieldwise_training.feedback.judged import read_judged, write_judged
from fieldwise_training.feedback.rows import MAX_TEXT, feedback_row
from fieldwise_training.feedback.source import UNREAD, Mark
from fieldwise_training.feedback.votes import Vote

HOUR = "2026/11/22/10"
ORIGINALS = """timestamp,route,selector,label,placeholder,field_type,required,predicted,score,threshold_used,confidence_signals,decision
2025-07-01T09:00:00.123456,/classify,#tel,Phone,,text,True,phone,0.81,0.6,"label,name",accept
2025-07-01T09:00:00.123999,/classify,#q,"Search, please",,text,False,bio,0.31,0.6,,reject
2025-07-01T09:00:02.000000,/fill,#tel,,,text,,phone,0.81,0.6,,filled
2025-07-01T09:01:00.000000,/feedback,#tel,,,,,phone,,,,correct
2025-07-01T09:02:00.000000,/feedback,#gone,,,,,phone,,,,incorrect
"""


def read_log(tmp_path: Path, *rows: LogRow, since: Mark = UNREAD) -> NewFeedback:
    return read_feedback(store(tmp_path, HOUR, *rows), since, tmp_path)


def read_text(tmp_path: Path, text: str, name: str = "log.csv") -> NewFeedback:
    (tmp_path / name).write_text(text, "utf-8")
    return read_feedback(str(tmp_path / name), UNREAD, tmp_path)


def words(new: NewFeedback) -> list[tuple[str, str, str]]:
    return [(vote.signature, vote.canonical, vote.rejected) for vote in new.votes]


def test_feedback_becomes_a_vote_on_the_field_of_the_site(tmp_path: Path) -> None:
    first, last = form(1)

    new = read_log(tmp_path, first, last, said(last, "family-name", trusted="true"))

    at = "2026-11-22T10:05:00.000Z"
    assert new.votes == [Vote(SITE, "s1", "u1", "family-name", "tel", trusted=True, at=at, label="Last name")]
    assert (new.objects, new.rows, new.quarantined, new.capped) == (1, 3, {}, {})


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"decision": "correct", "corrected_to": ""}, ("tel", "")),
        ({"corrected_to": ""}, ("", "tel")),
        ({"corrected_to": "tel"}, ("", "tel")),
        ({"corrected_to": "none"}, ("none", "tel")),
        ({"corrected_to": "none:search"}, ("none", "tel")),
        ({"predicted": "none"}, ("email", "")),
        ({"predicted": "none", "decision": "correct"}, ("none", "")),
        ({"predicted": "first_name", "corrected_to": "id.with-parts"}, ("id.with-parts", "first_name")),
    ],
)
def test_what_a_row_confirms_and_rejects(tmp_path: Path, changes: dict[str, str], word: tuple[str, str]) -> None:
    field = form(1)[0]

    assert words(read_log(tmp_path, field, replace(said(field, "email"), **changes))) == [("s0", *word)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"decision": "perhaps"}, "no usable verdict"),
        ({"predicted": "none", "corrected_to": ""}, "no usable verdict"),
        ({"predicted": "", "corrected_to": "email"}, "no usable verdict"),
        ({"corrected_to": "what the user typed"}, "no usable verdict"),
        ({"timestamp": "yesterday"}, "no usable time"),
        ({"user_hash": ""}, "no user"),
        ({"site": "", "decision_id": ""}, "no site"),
    ],
)
def test_a_row_that_can_be_no_vote_is_counted_by_reason(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    field = form(1)[0]

    new = read_log(tmp_path, field, replace(said(field, "email"), **changes))

    assert (new.votes, new.quarantined) == ([], {reason: 1})


def test_contradictions_of_one_user_the_last_word_counts_in_whatever_order_the_rows_come(tmp_path: Path) -> None:
    field = form(1)[0]
    early, late = said(field, "email"), said(field, "nickname", timestamp="2026-11-22T10:09:00.000Z")

    new = read_log(tmp_path, field, late, early)

    assert words(new) == [("s0", "nickname", "tel")]
    assert [row.corrected_to for row in new.judged] == ["nickname"]


def test_duplicate_rows_change_nothing(tmp_path: Path) -> None:
    rows = [*form(1), said(form(1)[0], "email")]

    once = read_log(tmp_path, *rows)
    twice = read_log(tmp_path, *rows, *rows)

    assert (twice.votes, twice.judged) == (once.votes, once.judged)


def test_a_judged_form_has_all_its_fields_and_the_verdicts_on_them(tmp_path: Path) -> None:
    first, last = form(1)
    unsure = replace(last, decision="unsure")
    other = form(2)

    new = read_log(tmp_path, *other, first, unsure, said(first, "given-name"))

    assert [(row.position, row.predicted, row.verdict, row.about, row.corrected_to, row.at[11:16]) for row in new.judged] == [
        (0, "tel", "incorrect", "tel", "given-name", "10:05"),
        (1, "", "", "", "", "10:00"),
    ]
    assert {(row.request_id, row.site, row.user, row.model_version) for row in new.judged} == {(first.request_id, SITE, "u1", "v1")}
    assert json.loads(new.judged[1].field) == {"label": "Last name"}


def test_feedback_on_a_form_the_log_no_longer_has_is_a_vote_without_a_form(tmp_path: Path) -> None:
    new = read_log(tmp_path, said(form(1)[0], "email"))

    assert words(new) == [("s0", "email", "tel")]
    assert (new.judged, new.missing_forms, new.votes[0].label) == ([], 1, "")


def test_feedback_on_another_users_form_does_not_take_the_form(tmp_path: Path) -> None:
    field = form(1, user="victim")[0]

    new = read_log(tmp_path, field, said(field, "email", user_hash="evil"))

    assert (new.judged, new.missing_forms, [vote.user for vote in new.votes]) == ([], 1, ["evil"])


def test_without_a_signature_feedback_is_joined_to_its_decision_by_id(tmp_path: Path) -> None:
    first, last = form(1)

    new = read_log(tmp_path, first, last, unsigned(said(last, "email", selector="#elsewhere"), last.decision_id))

    assert words(new) == [("s1", "email", "tel")]
    assert [row.verdict for row in new.judged] == ["", "incorrect"]


def test_without_an_id_the_nearest_decision_before_it_counts(tmp_path: Path) -> None:
    earlier = replace(form(1)[0], timestamp="2026-11-22T09:00:00.000Z")
    field = form(2)[0]

    new = read_log(tmp_path, field, earlier, unsigned(said(field, "email")))

    assert {row.request_id for row in new.judged} == {field.request_id}


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": "2026-11-21T10:04:59.000Z"},
        {"timestamp": "2026-11-22T10:06:00.000Z"},
        {"timestamp": "yesterday"},
        {"user_hash": "u2"},
        {"selector": "#b"},
        {"predicted": "email"},
        {"decision": "unsure"},
        {"origin": "https://other.example"},
        {"route": "fill"},
    ],
)
def test_without_a_matching_decision_feedback_is_quarantined(tmp_path: Path, changes: dict[str, str]) -> None:
    field = form(1)[0]

    new = read_log(tmp_path, replace(field, **changes), unsigned(said(field, "email")))

    assert (new.votes, new.judged, new.quarantined) == ([], [], {"no matching decision": 1})


@pytest.mark.parametrize(("others", "is_found"), [(MAX_TRIED - 1, True), (MAX_TRIED, False)])
def test_a_decision_is_looked_for_among_so_many_of_the_users_with_its_selector(tmp_path: Path, others: int, is_found: bool) -> None:
    field = form(1)[0]
    elsewhere = [replace(field, timestamp="2026-11-22T10:01:00.000Z", origin=f"https://{number}.example") for number in range(others)]

    new = read_log(tmp_path, field, *elsewhere, unsigned(said(field, "email")))

    assert words(new) == ([("s0", "email", "tel")] if is_found else [])


def test_an_origin_that_one_row_lacks_does_not_prevent_the_join(tmp_path: Path) -> None:
    field = form(1, origin="")[0]

    new = read_log(tmp_path, field, unsigned(said(field, "email", origin="https://shop.example", timestamp="2026-11-22T10:05:00")))

    assert words(new) == [("s0", "email", "tel")]


def test_feedback_on_a_field_that_was_missed_is_joined_to_a_decision_that_accepted_nothing(tmp_path: Path) -> None:
    missed = replace(form(1)[0], decision="unsure")

    new = read_log(tmp_path, missed, unsigned(said(missed, "email")))

    assert words(new) == [("s0", "email", "")]


def test_feedback_by_the_id_of_another_users_decision_is_quarantined(tmp_path: Path) -> None:
    field = form(1, user="victim")[0]

    new = read_log(tmp_path, field, unsigned(said(field, "email", user_hash="evil"), field.decision_id))

    assert (new.votes, new.quarantined) == ([], {"decision of another user": 1})


def test_the_log_of_the_previous_release_is_kept_for_training(tmp_path: Path) -> None:
    decisions = [unsigned(row, f"old-{row.position}") for row in form(1)]
    feedback = [unsigned(said(decisions[1], "family-name"), "old-1")]

    new = read_text(tmp_path, as_previous_release([*decisions, *feedback]))

    assert (new.votes, new.unsigned, new.quarantined) == ([], 1, {})
    assert [(row.position, row.verdict, row.corrected_to, row.signature) for row in new.judged] == [
        (0, "", "", ""),
        (1, "incorrect", "family-name", ""),
    ]
    assert len({row.request_id for row in new.judged}) == 1
    assert json.loads(new.judged[1].field) == {"label": "Last name", "type": "text"}


def test_a_field_of_an_earlier_release_that_describes_nothing_is_kept_as_context(tmp_path: Path) -> None:
    first, blank = (unsigned(row, f"old-{row.position}") for row in form(1))
    nothing = dict.fromkeys(("selector", "label", "text", "field_type", "predicted"), "")

    new = read_text(tmp_path, as_previous_release([first, replace(blank, **nothing), unsigned(said(first, "email"), "old-0")]))

    assert [(row.position, row.field) for row in new.judged] == [(0, '{"type": "text", "label": "First name"}'), (1, "{}")]


def test_the_originals_own_log_is_kept_for_training(tmp_path: Path) -> None:
    new = read_text(tmp_path, ORIGINALS)

    assert (new.votes, new.unsigned, new.rows, new.quarantined) == ([], 1, 5, {"no matching decision": 1})
    assert [(row.predicted, row.verdict, row.about, json.loads(row.field)["label"]) for row in new.judged] == [
        ("phone", "correct", "phone", "Phone")
    ]


def test_a_log_downloaded_as_one_csv_with_its_header_is_read_too(tmp_path: Path) -> None:
    new = read_text(tmp_path, "\ufeff" + ",".join(COLUMNS) + "\n" + encode([*form(1), said(form(1)[0], "email")]))

    assert (words(new), new.rows) == ([("s0", "email", "tel")], 3)


@pytest.mark.parametrize("text", ["", "\n\n", ",".join(COLUMNS) + "\n", ORIGINALS.splitlines()[0] + "\n"])
def test_an_empty_or_header_only_log_has_no_feedback(tmp_path: Path, text: str) -> None:
    new = read_text(tmp_path, text)

    assert (new.votes, new.judged, new.rows, new.quarantined) == ([], [], 0, {})


@pytest.mark.parametrize("is_single", [True, False])
def test_a_half_garbage_log_loses_the_garbage_only(tmp_path: Path, is_single: bool) -> None:
    rows = [*form(1), said(form(1)[0], "email")]
    damaged = encode([said(form(2)[0], "@@"), *form(3, labels=("@@",))]).encode().replace(b"@@", b"\xff")
    garbage = b'"half a row\n\x00\x01\x02,,,\n' + damaged + b'"2026","feedback","#a"\n' + b"x" * 200_000 + b"\n"
    target = tmp_path / "decisions" / "part-1"
    target.parent.mkdir()
    target.write_bytes(garbage + encode(rows).encode() + b'"2026-11-22T10:05:00.000Z","feedback","half a ro')

    new = read_feedback(str(target if is_single else target.parent), UNREAD, tmp_path)

    assert words(new) == [("s0", "email", "tel")]
    assert len(new.judged) == 2
    assert new.quarantined == {"malformed row": 7}


def test_a_cell_that_runs_as_a_formula_in_a_spreadsheet_is_read_as_it_was(tmp_path: Path) -> None:
    field = form(1, labels=("=Label",))[0]

    assert read_log(tmp_path, field, said(field, "email")).votes[0].label == "=Label"


@pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"])
def test_a_time_that_cant_be_reckoned_with_costs_its_own_row_only(tmp_path: Path, timestamp: str) -> None:
    first, last = form(1)
    early = unsigned(said(last, "family-name", timestamp=timestamp))

    new = read_log(tmp_path, first, replace(last, timestamp=timestamp), said(first, "email"), early)

    assert (words(new), new.quarantined) == ([("s0", "email", "tel")], {"no usable time": 1})


@pytest.mark.parametrize("position", ["99999999999", "7" * 5_000, "-1", "first"])
def test_a_position_that_is_none_does_not_stop_the_reading(tmp_path: Path, position: str) -> None:
    first, last = form(1)
    rows = first, replace(last, position=position), said(first, "email"), said(last, "family-name", position=position)

    new = read_log(tmp_path, *rows)
    write_judged(new.judged, tmp_path / "judged.parquet")

    assert words(new) == [("s0", "email", "tel"), ("s1", "family-name", "tel")]
    assert [row.position for row in read_judged(tmp_path / "judged.parquet")] == [0, 1]


def test_a_line_that_mentions_a_column_of_a_plain_csv_is_a_malformed_row_however_long(tmp_path: Path) -> None:
    source = store(tmp_path, HOUR, *form(1))
    (tmp_path / "decisions" / HOUR / "damaged").write_text("query_key" + "x" * 200_000)

    assert read_feedback(source, UNREAD, tmp_path).quarantined == {"malformed row": 1}


def test_long_texts_of_clients_are_compared_and_not_held(tmp_path: Path) -> None:
    long = "div > " * 600
    rows = [unsigned(row) for row in form(1, origin=f"https://{long}")]
    first, last = (replace(row, selector=f"{long}{number}") for number, row in enumerate(rows))
    feedback = said(last, "family-name", decision_id=long)

    held = feedback_row(feedback)
    new = read_text(tmp_path, as_previous_release([first, last, feedback]))

    assert not isinstance(held, str)
    assert max(map(len, (held.selector, held.origin, held.decision_id))) <= MAX_TEXT
    assert [row.verdict for row in new.judged] == ["", "incorrect"]


def test_a_missing_log_has_no_feedback(tmp_path: Path) -> None:
    for source in ("", str(tmp_path / "gone.csv"), str(tmp_path / "gone")):
        assert read_feedback(source, Mark("log", "2026/11/22/10/"), tmp_path) == NewFeedback(mark=Mark("log", "2026/11/22/10/"))


def test_a_file_of_neither_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"feedback\.csv, line 1: neither the columns"):
        read_text(tmp_path, "text,meaning\nRufname,given-name\n", "feedback.csv")


def test_an_address_of_an_unsupported_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FEEDBACK_LOG"):
        read_feedback("https://bucket/decisions/", UNREAD, tmp_path)


@pytest.mark.parametrize(("limit", "value"), [("MAX_FEEDBACK_ROWS", 2), ("MAX_ROWS", 4)])
def test_more_rows_than_a_run_can_hold_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(read, limit, value)
    rows = form(1)

    with pytest.raises(
        DataError, match="train more often, or on parts of the log, oldest first and each after the one before is promoted, with"
    ):
        read_log(tmp_path, *rows, *(said(rows[0], "email"),) * 3)


def test_an_object_without_hour_folders_is_always_read(tmp_path: Path) -> None:
    source = tmp_path / "decisions"
    source.mkdir()
    (source / "exported").write_text(encode([*form(1), said(form(1)[0], "email")]), "utf-8")

    new = read_feedback(str(source), Mark(f"{source}/", "2027/01/01/00/"), tmp_path)

    assert (words(new), new.mark.hour) == ([("s0", "email", "tel")], "2027/01/01/00/")


def test_a_run_reads_the_hours_after_the_mark_and_those_of_the_window_before_it(tmp_path: Path) -> None:
    rows = {hour: form(number) for number, hour in enumerate(("2026/11/20/09", "2026/11/21/10", "2026/11/22/10"))}
    for number, (hour, own) in enumerate(rows.items()):
        store(tmp_path, hour, *own, said(own[0], "email", signature=f"s{number}"))
    source = str(tmp_path / "decisions")

    everything = read_feedback(source, UNREAD, tmp_path)
    again = read_feedback(source, everything.mark, tmp_path)

    assert everything.mark == Mark(f"{source}/", "2026/11/22/10/")
    assert (everything.objects, [vote.signature for vote in everything.votes]) == (3, ["s0", "s1", "s2"])
    assert (again.objects, [vote.signature for vote in again.votes], again.mark) == (2, ["s1", "s2"], everything.mark)


@pytest.mark.parametrize("folder", ["2026/13/01/00", "9999/99/99/99", "0001/01/01/00"])
def test_a_folder_that_is_no_hour_is_read_and_moves_no_mark(tmp_path: Path, folder: str) -> None:
    store(tmp_path, HOUR, *form(1))
    source = store(tmp_path, folder, *form(2), said(form(2)[0], "email"))

    new = read_feedback(source, UNREAD, tmp_path)

    assert (words(new), new.mark.hour) == ([("s0", "email", "tel")], f"{HOUR}/")
    assert UNREAD.moved("log", [f"{folder}/part-1"]) == UNREAD


def test_a_late_object_within_the_window_is_read_by_the_next_run(tmp_path: Path) -> None:
    source = store(tmp_path, "2026/11/22/10", *form(1))
    mark = read_feedback(source, UNREAD, tmp_path).mark

    store(tmp_path, "2026/11/21/11", *form(2), said(form(2)[0], "email"), name="late")

    assert words(read_feedback(source, mark, tmp_path)) == [("s0", "email", "tel")]


def test_parts_of_a_log_are_read_one_after_the_other_and_share_its_mark(tmp_path: Path) -> None:
    for month in ("10", "11"):
        store(tmp_path, f"2026/{month}/22/10", *form(1))
    source = str(tmp_path / "decisions")

    october = read_feedback(f"{source}/2026/10", UNREAD, tmp_path)
    rest = read_feedback(source, october.mark, tmp_path)

    assert (october.objects, october.mark) == (1, Mark(f"{source}/", "2026/10/22/10/"))
    assert (rest.objects, rest.mark.hour) == (2, "2026/11/22/10/")


def test_the_mark_of_one_log_does_not_hide_another(tmp_path: Path) -> None:
    source = store(tmp_path, HOUR, *form(1), said(form(1)[0], "email"))

    new = read_feedback(source, Mark("s3://elsewhere/decisions/", "2027/01/01/00/"), tmp_path)

    assert (new.objects, new.mark) == (1, Mark(f"{source}/", f"{HOUR}/"))


def test_only_the_forms_with_the_newest_feedback_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldwise_training.feedback.forms.MAX_FORMS", 3)
    monkeypatch.setattr("fieldwise_training.feedback.forms.MAX_FORMS_PER_USER", 2)
    rows: list[LogRow] = []
    for number, user in enumerate("aabbbc"):
        first = form(number, user, timestamp=later("2026-11-22T10:00:00.000Z", seconds=number))[0]
        rows += [first, said(first, "email")]

    new = read_log(tmp_path, *rows)

    assert [row.user for row in new.judged] == ["b", "b", "c"]
    assert new.capped == {"forms of one user": 1, "forms of a version": 2}
    assert len(new.votes) == 3


def test_the_descriptions_of_one_users_forms_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldwise_training.feedback.forms.MAX_CHARACTERS_PER_USER", 100)
    forms = [form(number, user, labels=("x" * 90,)) for number, user in enumerate("aaab")]

    new = read_log(tmp_path, *(row for rows in forms for row in (*rows, said(rows[0], "email"))))
    _, kept = merged(Carried(judged=[replace(row, request_id=f"earlier {row.user}") for row in new.judged]), new, {})

    assert [row.user for row in new.judged] == ["a", "b"]
    assert sorted(row.user for row in kept) == ["a", "b"]
    assert (new.capped, new.missing_forms) == ({"forms of one user": 4}, 0)


def test_a_form_beyond_the_number_of_fields_is_left_out_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldwise_training.feedback.forms.MAX_FIELDS", 1)
    forms = [form(number) for number in range(2)]

    new = read_log(tmp_path, *forms[0], *forms[1], *(said(own[0], "email") for own in forms))

    assert ({row.request_id for row in new.judged}, len(new.judged)) == ({forms[0][0].request_id}, 2)
    assert new.capped == {"forms of a version": 1}
