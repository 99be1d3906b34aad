"""Feedback as plain CSV files, from reading to pairs."""

from collections import Counter
from pathlib import Path

import pytest
from tests.support.feedback_log import form, said, store

from fieldwise_common.errors import DataError
from fieldwise_training.feedback.carry import read_feedback
from fieldwise_training.feedback.pairs import FeedbackPair, Pairs, Statement, dump_pairs, load_pairs, tally
from fieldwise_training.feedback.source import UNREAD

KNOWN = frozenset({"given-name", "family-name", "tel", "none:search"})
HEADER = "query_key,matched_key,correct"


def read(folder: Path, *rows: str, header: str = HEADER) -> tuple[Pairs, Counter[str]]:
    path = folder / "feedback.csv"
    path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
    new = read_feedback(str(path), UNREAD, folder)
    return tally(new.statements, KNOWN, new.quarantined), new.quarantined


def votes(pairs: Pairs) -> dict[tuple[str, str], int]:
    return {(pair.text, pair.canonical): pair.votes for pair in (*pairs.confirmed, *pairs.rejected)}


@pytest.mark.parametrize("word", ["yes", "YES", "True", "1"])
def test_yes_true_or_1_in_any_case_confirms(tmp_path: Path, word: str) -> None:
    assert read(tmp_path, f"Rufname,given-name,{word}")[0].confirmed == (FeedbackPair("Rufname", "given-name", 1),)


@pytest.mark.parametrize("word", ["no", "No", "FALSE", "0"])
def test_no_false_or_0_in_any_case_rejects(tmp_path: Path, word: str) -> None:
    assert read(tmp_path, f"Rufname,given-name,{word}")[0].rejected == (FeedbackPair("Rufname", "given-name", -1),)


def test_columns_may_come_in_any_order_with_a_byte_order_mark_and_others_beside(tmp_path: Path) -> None:
    pairs, _ = read(tmp_path, "me, yes,given-name,Rufname", header="\ufeffwho, Correct ,matched_key,query_key")

    assert votes(pairs) == {("Rufname", "given-name"): 1}


def test_texts_that_normalise_alike_are_added_and_a_tie_is_neither(tmp_path: Path) -> None:
    rows = ("Rufname,given-name,yes", "RUFNAME *,given-name,yes", "rufname,given-name,no", "Alias,tel,yes", "Alias,tel,no")

    assert votes(read(tmp_path, *rows)[0]) == {("Rufname", "given-name"): 1}


def test_unusable_rows_are_counted_by_reason(tmp_path: Path) -> None:
    rows = ("Rufname,given-name,maybe", "Rufname,nickname,yes", "**,tel,yes", "Rufname", "Rufname,given-name,yes")

    pairs, quarantined = read(tmp_path, *rows)

    assert quarantined == {"neither yes nor no": 2, "unknown canonical id": 1, "no text": 1}
    assert len(pairs.confirmed) == 1


def test_two_canonical_ids_are_a_pair_between_ids(tmp_path: Path) -> None:
    pairs, _ = read(tmp_path, "given-name,family-name,yes")

    assert pairs.confirmed == (FeedbackPair("given-name", "family-name", 1, between_ids=True),)


def test_none_and_unknown_negative_ids_become_the_general_negative_id(tmp_path: Path) -> None:
    pairs, _ = read(tmp_path, "Kundennummer,none,yes", "Suche,none:search,yes", "Gutschein,none:unheard-of,yes")

    expected = {("Gutschein", "none:other"): 1, ("Kundennummer", "none:other"): 1, ("Suche", "none:search"): 1}
    assert votes(pairs) == expected


def test_a_single_csv_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feedback.csv").write_bytes(b"query_key,matched_key,correct\nPr\xe9nom,given-name,yes\n")

    with pytest.raises(DataError, match=r"feedback\.csv: not UTF-8"):
        read_feedback(str(tmp_path / "feedback.csv"), UNREAD, tmp_path)


def test_a_cell_too_large_for_csv_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"feedback\.csv, line"):
        read(tmp_path, "x" * 200_000 + ",tel,yes")


def test_a_csv_beside_the_objects_of_a_log_is_read_as_well(tmp_path: Path) -> None:
    source = store(tmp_path, "2026/11/22/10", *form(1), said(form(1)[0], "email"))
    (tmp_path / "decisions" / "by-hand.csv").write_bytes(f"{HEADER}\nRufname,given-name,yes\n".encode() + b"Pr\xe9nom,tel,yes\n")

    new = read_feedback(source, UNREAD, tmp_path)

    assert (new.statements, len(new.votes)) == ([Statement("Rufname", "given-name", correct=True)], 1)
    assert new.quarantined == {"malformed row": 1}


def test_pairs_are_read_back_as_written_and_stored_without_formulas(tmp_path: Path) -> None:
    confirmed = (FeedbackPair("=SUM(A1)", "tel", 2), FeedbackPair("given-name", "tel", 1, between_ids=True))
    pairs = Pairs(confirmed, (FeedbackPair("Rufname", "tel", -3),))

    written = dump_pairs(pairs)

    assert load_pairs(written) == pairs
    assert '"=SUM' not in written
    assert votes(read(tmp_path, *written.splitlines()[1:], header=written.splitlines()[0])[0])["=SUM(A1)", "tel"] == 1
