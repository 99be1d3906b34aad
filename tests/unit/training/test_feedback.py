from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from fieldwise_common.decision_log import COLUMNS, LogRow, encode
from fieldwise_common.errors import DataError, SettingsError
from fieldwise_training.feedback.join import votes_of
from fieldwise_training.feedback.pairs import Feedback, FeedbackPair, Vote, dump_pairs, load_pairs, tally
from fieldwise_training.feedback.read import read_feedback

KNOWN = frozenset({"given-name", "family-name", "tel", "none:search"})

DECISION = LogRow(
    timestamp="2026-11-22T10:00:00.000Z",
    route="classify",
    selector="#a",
    label="Rufname",
    predicted="family-name",
    decision="accepted",
    decision_id="d1",
    user_hash="u1",
    origin="https://shop.example",
    text="Rufname",
)
FEEDBACK = LogRow(
    timestamp="2026-11-22T10:05:00.000Z",
    route="feedback",
    selector="#a",
    predicted="family-name",
    decision="incorrect",
    user_hash="u1",
    origin="https://shop.example",
    corrected_to="given-name",
)


def log(folder: Path, *rows: LogRow) -> str:
    (folder / "decisions").mkdir(exist_ok=True)
    (folder / "decisions" / "part-1").write_text(encode(rows), "utf-8")
    return str(folder / "decisions")


def plain(folder: Path, text: str) -> str:
    (folder / "feedback.csv").write_text(text, "utf-8")
    return str(folder / "feedback.csv")


def pairs(feedback: Feedback) -> dict[tuple[str, str], int]:
    return {(pair.text, pair.canonical): pair.votes for pair in (*feedback.confirmed, *feedback.rejected)}


@pytest.mark.parametrize("word", ["yes", "YES", "True", "1"])
def test_a_plain_csv_confirms_by_yes_true_or_1_in_any_case(tmp_path: Path, word: str) -> None:
    source = plain(tmp_path, f"query_key,matched_key,correct\nRufname,given-name,{word}\n")

    assert read_feedback(source, KNOWN).confirmed == (FeedbackPair("Rufname", "given-name", 1),)


@pytest.mark.parametrize("word", ["no", "No", "FALSE", "0"])
def test_a_plain_csv_rejects_by_no_false_or_0_in_any_case(tmp_path: Path, word: str) -> None:
    source = plain(tmp_path, f"query_key,matched_key,correct\nRufname,given-name,{word}\n")

    assert read_feedback(source, KNOWN).rejected == (FeedbackPair("Rufname", "given-name", -1),)


def test_columns_may_come_in_any_order_with_a_byte_order_mark_and_others_beside(tmp_path: Path) -> None:
    source = plain(tmp_path, "\ufeffwho, Correct ,matched_key,query_key\nme, yes,given-name,Rufname\n")

    assert pairs(read_feedback(source, KNOWN)) == {("Rufname", "given-name"): 1}


def test_votes_on_texts_that_normalise_alike_are_added_and_a_tie_is_neither(tmp_path: Path) -> None:
    rows = ("Rufname,given-name,yes", "RUFNAME *,given-name,yes", "rufname,given-name,no", "Alias,tel,yes", "Alias,tel,no")
    source = plain(tmp_path, "\n".join(("query_key,matched_key,correct", *rows)))

    assert pairs(read_feedback(source, KNOWN)) == {("Rufname", "given-name"): 1}


def test_unusable_rows_are_counted_by_reason(tmp_path: Path) -> None:
    rows = ("Rufname,given-name,maybe", "Rufname,nickname,yes", "**,tel,yes", "Rufname", "Rufname,given-name,yes")
    source = plain(tmp_path, "\n".join(("query_key,matched_key,correct", *rows)))

    feedback = read_feedback(source, KNOWN)

    assert feedback.quarantined == {"neither yes nor no": 2, "unknown canonical id": 1, "no text": 1}
    assert feedback.quarantined_rows == 4
    assert len(feedback.confirmed) == 1


def test_two_canonical_ids_in_a_plain_csv_are_a_pair_between_ids(tmp_path: Path) -> None:
    source = plain(tmp_path, "query_key,matched_key,correct\ngiven-name,family-name,yes\n")

    assert read_feedback(source, KNOWN).confirmed == (FeedbackPair("given-name", "family-name", 1, between_ids=True),)


def test_none_and_unknown_negative_ids_become_the_general_negative_id(tmp_path: Path) -> None:
    rows = ("Kundennummer,none,yes", "Suche,none:search,yes", "Gutschein,none:unheard-of,yes")
    source = plain(tmp_path, "\n".join(("query_key,matched_key,correct", *rows)))

    expected = {("Gutschein", "none:other"): 1, ("Kundennummer", "none:other"): 1, ("Suche", "none:search"): 1}
    assert pairs(read_feedback(source, KNOWN)) == expected


@pytest.mark.parametrize("source", ["", "gone.csv", "gone/"])
def test_a_missing_source_gives_no_pairs(tmp_path: Path, source: str) -> None:
    assert read_feedback(str(tmp_path / source) if source else "", KNOWN) == Feedback()


def test_a_file_of_neither_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"feedback\.csv, line 1: neither the columns"):
        read_feedback(plain(tmp_path, "text,meaning\nRufname,given-name\n"), KNOWN)


def test_an_address_of_an_unsupported_kind_is_refused() -> None:
    with pytest.raises(SettingsError, match="FEEDBACK_LOG"):
        read_feedback("https://bucket/decisions/", KNOWN)


def test_a_single_csv_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feedback.csv").write_bytes(b"query_key,matched_key,correct\nPr\xe9nom,given-name,yes\n")

    with pytest.raises(DataError, match=r"feedback\.csv: not UTF-8"):
        read_feedback(str(tmp_path / "feedback.csv"), KNOWN)


def test_a_cell_too_large_for_csv_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"feedback\.csv, line"):
        read_feedback(plain(tmp_path, "query_key,matched_key,correct\n" + "x" * 200_000 + ",tel,yes\n"), KNOWN)


def test_feedback_is_joined_to_its_decision_by_id_and_the_right_answer_is_learned(tmp_path: Path) -> None:
    other_place = replace(FEEDBACK, selector="#elsewhere", decision_id="d1")

    feedback = read_feedback(log(tmp_path, DECISION, other_place), KNOWN)

    assert pairs(feedback) == {("Rufname", "given-name"): 1, ("Rufname", "family-name"): -1}


def test_without_an_id_the_last_decision_of_that_user_selector_and_meaning_counts(tmp_path: Path) -> None:
    earlier = replace(DECISION, text="Alter Text", timestamp="2026-11-22T09:00:00.000Z", decision_id="d0")

    assert ("Rufname", "given-name") in pairs(read_feedback(log(tmp_path, DECISION, earlier, FEEDBACK), KNOWN))


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": "2026-11-21T10:04:59.000Z"},
        {"timestamp": "2026-11-22T10:06:00.000Z"},
        {"timestamp": "yesterday"},
        {"user_hash": "u2"},
        {"selector": "#b"},
        {"predicted": "tel"},
        {"decision": "unsure"},
        {"origin": "https://other.example"},
    ],
)
def test_feedback_without_a_matching_decision_is_quarantined(tmp_path: Path, changes: dict[str, str]) -> None:
    feedback = read_feedback(log(tmp_path, replace(DECISION, **changes), FEEDBACK), KNOWN)

    assert pairs(feedback) == {}
    assert feedback.quarantined == {"no matching decision": 1}


@pytest.mark.parametrize("changes", [{"timestamp": "soon"}, {"user_hash": ""}])
def test_feedback_without_time_or_user_is_quarantined(tmp_path: Path, changes: dict[str, str]) -> None:
    feedback = read_feedback(log(tmp_path, DECISION, replace(FEEDBACK, **changes)), KNOWN)

    assert feedback.quarantined == {"no matching decision": 1}


def test_an_origin_that_one_row_lacks_does_not_prevent_the_join(tmp_path: Path) -> None:
    feedback = read_feedback(log(tmp_path, replace(DECISION, origin=""), replace(FEEDBACK, timestamp="2026-11-22T10:05:00")), KNOWN)

    assert ("Rufname", "given-name") in pairs(feedback)


def test_a_thumbs_up_confirms_what_was_predicted(tmp_path: Path) -> None:
    liked = replace(FEEDBACK, decision="correct", corrected_to="")

    assert pairs(read_feedback(log(tmp_path, DECISION, liked), KNOWN)) == {("Rufname", "family-name"): 1}


def test_corrected_to_none_confirms_the_negative(tmp_path: Path) -> None:
    nothing = replace(FEEDBACK, corrected_to="none")

    expected = {("Rufname", "none:other"): 1, ("Rufname", "family-name"): -1}
    assert pairs(read_feedback(log(tmp_path, DECISION, nothing), KNOWN)) == expected


def test_a_field_that_was_missed_learns_its_answer_and_rejects_nothing(tmp_path: Path) -> None:
    missed = replace(DECISION, decision="unsure")

    feedback = read_feedback(log(tmp_path, missed, replace(FEEDBACK, predicted="none")), KNOWN)

    assert pairs(feedback) == {("Rufname", "given-name"): 1}


@pytest.mark.parametrize("changes", [{"predicted": "none", "corrected_to": ""}, {"decision": "perhaps"}])
def test_feedback_without_a_usable_verdict_is_counted(tmp_path: Path, changes: dict[str, str]) -> None:
    about = replace(FEEDBACK, decision_id="d1", **changes)

    assert read_feedback(log(tmp_path, DECISION, about), KNOWN).quarantined == {"no usable verdict": 1}


def test_fill_rows_are_not_decisions(tmp_path: Path) -> None:
    filled = replace(DECISION, route="fill")

    assert read_feedback(log(tmp_path, filled, replace(FEEDBACK, decision_id="d1")), KNOWN).quarantined_rows == 1


def test_a_damaged_row_does_not_affect_the_others(tmp_path: Path) -> None:
    source = log(tmp_path, DECISION, FEEDBACK)
    damaged = encode([replace(DECISION, text="@@")]).encode().replace(b"@@", b"\xff") + b'"half a row'
    (tmp_path / "decisions" / "part-2").write_bytes(damaged)

    feedback = read_feedback(source, KNOWN)

    assert feedback.quarantined == {"malformed row": 2}
    assert len(feedback.confirmed) == 1


def test_a_log_of_one_damaged_object_does_not_stop_the_run(tmp_path: Path) -> None:
    source = log(tmp_path, DECISION, FEEDBACK)
    part = tmp_path / "decisions" / "part-1"
    part.write_text('"half a row\n' + part.read_text())

    assert read_feedback(source, KNOWN).quarantined == {"malformed row": 1}


def test_a_log_downloaded_as_one_csv_with_its_header_is_read_too(tmp_path: Path) -> None:
    source = plain(tmp_path, ",".join(COLUMNS) + "\n" + encode([DECISION, FEEDBACK]))

    assert len(read_feedback(source, KNOWN).confirmed) == 1


def test_pairs_are_read_back_as_written_and_stored_without_formulas() -> None:
    confirmed = (FeedbackPair("=SUM(A1)", "tel", 2), FeedbackPair("given-name", "tel", 1, between_ids=True))
    feedback = Feedback(confirmed, (FeedbackPair("Rufname", "tel", -3),))

    written = dump_pairs(feedback)

    assert load_pairs(written) == feedback
    assert '"=SUM' not in written


def test_written_pairs_are_a_plain_feedback_csv_themselves(tmp_path: Path) -> None:
    written = dump_pairs(Feedback((FeedbackPair("=Rufname", "given-name", 3),)))

    assert pairs(read_feedback(plain(tmp_path, written), KNOWN)) == {("=Rufname", "given-name"): 1}


def test_each_user_has_one_vote_per_pair() -> None:
    votes = [Vote("Comments", "tel", correct=True, user="a")] * 50 + [Vote("Comments", "tel", correct=False, user=u) for u in "bc"]

    feedback = tally(votes, frozenset({"tel"}), Counter())

    assert [(pair.canonical, pair.votes) for pair in feedback.rejected] == [("tel", -1)]


def test_the_last_vote_of_a_user_counts() -> None:
    votes = [Vote("Handle", "nickname", correct=word, user="a") for word in (False, False, True)]

    assert [pair.votes for pair in tally(votes, frozenset({"nickname"}), Counter()).confirmed] == [1]


def test_feedback_on_another_users_decision_is_quarantined() -> None:
    decision = LogRow("2026-01-01T00:00:00.000Z", "classify", "#a", decision_id="d1", user_hash="victim", predicted="", text="Comments")
    feedback = LogRow("2026-01-01T00:01:00.000Z", "feedback", "#a", decision_id="d1", user_hash="evil", predicted="none",
                      decision="incorrect", corrected_to="tel")  # fmt: skip
    quarantined: Counter[str] = Counter()

    assert list(votes_of([decision, feedback], quarantined)) == []
    assert quarantined == {"decision of another user": 1}
