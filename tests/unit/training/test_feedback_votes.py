"""Votes, what users agree on by them, and the files that carry them from version to version."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fieldwise_common.errors import CorruptVersion
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswer, SiteAnswers
from fieldwise_training.feedback.agreement import agree
from fieldwise_training.feedback.carry import Carried, NewFeedback, merged
from fieldwise_training.feedback.judged import JudgedField, read_judged, write_judged
from fieldwise_training.feedback.learned import difference
from fieldwise_training.feedback.votes import Vote, about_unknown_ids, capped, last_words, read_votes, write_votes

KNOWN = frozenset({"email", "tel", "given-name"})
EARLY, LATE = "2026-11-22T10:00:00.000Z", "2026-11-23T10:00:00.000Z"


def votes(users: Iterable[str], canonical: str = "email", rejected: str = "", **more: object) -> list[Vote]:
    return [replace(Vote("site", "s0", user, canonical, rejected, at=EARLY), **more) for user in users]  # type: ignore[arg-type]


def answer(voted: Sequence[Vote], quorum: int = 3, before: SiteAnswer | None = None) -> SiteAnswer | None:
    established = SiteAnswers(sites={"site": {"s0": before}}) if before is not None else NO_SITES
    return agree(voted, quorum, established, KNOWN).of("site").get("s0")


def people(count: int, prefix: str = "u") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def judged(form: str, position: int = 0, user: str = "u", at: str = EARLY, verdict: str = "") -> JudgedField:
    return JudgedField("site", form, position, f"s{position}", user, at, "v1", "{}", "tel", verdict)


@pytest.mark.parametrize(("users", "quorum", "is_agreed"), [(2, 3, False), (3, 3, True), (1, 1, True), (99, 100, False)])
def test_an_answer_needs_a_quorum_of_users(users: int, quorum: int, is_agreed: bool) -> None:
    expected = SiteAnswer(canonical="email", agree=users) if is_agreed else None

    assert answer(votes(people(users)), quorum) == expected


@pytest.mark.parametrize(("agreeing", "against", "is_agreed"), [(4, 1, True), (7, 2, False), (8, 2, True)])
def test_an_answer_needs_four_fifths_of_those_with_an_opinion_on_it(agreeing: int, against: int, is_agreed: bool) -> None:
    voted = votes(people(agreeing)) + votes(people(against, "x"), "tel")

    assert answer(voted) == (SiteAnswer(canonical="email", agree=agreeing, against=against) if is_agreed else None)


@pytest.mark.parametrize(("agreeing", "quorum", "is_agreed"), [(3, 3, True), (3, 2, True), (2, 2, False), (1, 1, False)])
def test_a_single_one_who_disagrees_does_not_keep_three_from_agreeing(agreeing: int, quorum: int, is_agreed: bool) -> None:
    voted = votes(people(agreeing)) + votes("x", "tel")

    assert (answer(voted, quorum) is not None) is is_agreed


def test_who_rejects_an_answer_is_against_it_and_who_rejects_another_is_not() -> None:
    against = votes("xy", "", "email")
    neutral = votes("vw", "", "tel")

    assert answer(votes("abc") + against) is None
    assert answer(votes("abc") + neutral) == SiteAnswer(canonical="email", agree=3)


def test_nothing_is_an_answer_like_others() -> None:
    assert answer(votes("abc", "none", "tel")) == SiteAnswer(canonical="none", rejected=("tel",), agree=3)


def test_an_id_that_enough_users_reject_is_rejected() -> None:
    assert answer(votes("abcd", "", "tel") + votes("x", "tel")) == SiteAnswer(rejected=("tel",), agree=4, against=1)
    assert answer(votes("abc", "", "tel") + votes("xy", "tel")) is None


def test_ten_who_collude_remove_nothing_that_more_users_confirmed() -> None:
    confirmed = SiteAnswer(canonical="email", agree=12)
    voted = votes(people(12)) + votes(people(10, "liar"), "tel", "email")

    assert answer(voted) is None  # a new answer would need four fifths
    assert answer(voted, before=confirmed) == SiteAnswer(canonical="email", agree=12, against=10)


def test_an_established_answer_ends_when_as_many_are_against_it_or_the_quorum_is_gone() -> None:
    established = SiteAnswer(canonical="email", agree=3)

    assert answer(votes("abc") + votes("xyz", "tel"), before=established) is None
    assert answer(votes("ab"), before=established) is None


def test_an_established_rejection_stays_while_more_reject_than_confirm() -> None:
    voted = votes("abc", "", "tel") + votes("xy", "tel")

    assert answer(voted, before=SiteAnswer(rejected=("tel",))) == SiteAnswer(rejected=("tel",), agree=3, against=2)


def test_a_trusted_vote_suffices_alone_and_of_several_the_newest_counts() -> None:
    voted = votes(people(5)) + votes("m", "tel", trusted=True) + votes("n", "given-name", "email", trusted=True, at=LATE)

    assert answer(voted) == SiteAnswer(canonical="given-name", rejected=("email",), agree=1, against=6, trusted=True)


def test_a_trusted_rejection_removes_what_the_others_agree_on() -> None:
    assert answer(votes("abc") + votes("m", "", "email", trusted=True)) == SiteAnswer(rejected=("email",), agree=1, against=3, trusted=True)


def test_votes_about_ids_that_are_gone_are_skipped_and_counted() -> None:
    gone = votes("abc", "fax") + votes("d", "", "pager")

    assert answer(gone) is None
    assert answer(votes("m", "fax", trusted=True) + votes("abc")) == SiteAnswer(canonical="email", agree=3)
    assert answer(votes("abc", "email", "fax")) == SiteAnswer(canonical="email", agree=3)
    assert about_unknown_ids([*gone, *votes("e"), *votes("f", "none")], KNOWN) == 4


def test_fields_and_sites_do_not_affect_each_other() -> None:
    voted = votes("abc") + votes("def", "tel", signature="s1") + votes("ab", site="other")

    agreed = agree(reversed(voted), 3, NO_SITES, KNOWN)

    assert agreed.model_dump_json() == agree(voted, 3, NO_SITES, KNOWN).model_dump_json()
    assert {signature: found.canonical for signature, found in agreed.of("site").items()} == {"s0": "email", "s1": "tel"}
    assert agreed.of("other") == {}


def test_of_one_users_votes_on_a_field_the_last_counts_and_keeps_the_label() -> None:
    early, late = votes("a", label="E-mail")[0], votes("a", "tel", at=LATE)[0]

    for order in ([early, late], [late, early]):
        assert [vote.canonical for vote in last_words(order)] == ["tel"]
    assert last_words([early, late])[0].label == "E-mail"


def test_one_user_with_ten_thousand_corrections_is_cut_and_nobody_else() -> None:
    liar = [Vote(f"site-{n // 500}", f"s{n}", "liar", "tel", at=f"2026-11-22T{n:08}") for n in range(10_000)]
    others = votes("abc")
    counts: Counter[str] = Counter()

    kept = capped(liar + others, counts)

    assert {vote.user for vote in kept} == {"liar", "a", "b", "c"}
    assert len(kept) == 5_000 + 3
    assert counts == {"votes of one user on one site": 16 * 200, "votes of one user": 300 + 3 * 500}
    assert max(vote.at for vote in liar) in {vote.at for vote in kept}


def test_a_version_carries_a_bounded_number_of_votes_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldwise_training.feedback.votes.MAX_VOTES", 2)
    counts: Counter[str] = Counter()

    kept = capped(votes("a") + votes("bc", at=LATE), counts)

    assert ({vote.user for vote in kept}, counts) == ({"b", "c"}, {"votes of a version": 1})


def test_a_version_carries_its_parents_votes_and_forms_and_the_new_ones() -> None:
    before = Carried(votes=votes("ab"), judged=[judged("f1", verdict="correct"), judged("f2")])
    new = NewFeedback(votes=votes("bc", "tel", at=LATE), judged=[judged("f1"), judged("f1", 1, at=LATE, verdict="incorrect")])

    carried, forms = merged(before, new, {})

    assert {(vote.user, vote.canonical) for vote in carried} == {("a", "email"), ("b", "tel"), ("c", "tel")}
    assert sorted((row.request_id, row.position, row.verdict) for row in forms) == [
        ("f1", 0, "correct"),
        ("f1", 1, "incorrect"),
        ("f2", 0, ""),
    ]


def test_what_an_erased_user_said_before_the_erasure_is_dropped() -> None:
    new = NewFeedback(votes=votes("a") + votes("a", signature="s1", at=LATE), judged=[judged("f1", user="a"), judged("f2", user="b")])

    carried, forms = merged(Carried(votes=votes("ab", signature="s2")), new, {"a": EARLY})

    assert sorted((vote.user, vote.signature) for vote in carried) == [("a", "s1"), ("b", "s2")]
    assert [row.request_id for row in forms] == ["f2"]


def test_forms_beyond_the_limits_are_dropped_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldwise_training.feedback.carry.MAX_FIELDS", 3)
    new = NewFeedback(judged=[judged("old"), *(judged("new", position, at=LATE) for position in range(3))])

    _, forms = merged(Carried(), new, {})

    assert {row.request_id for row in forms} == {"new"}
    assert new.capped == {"forms of a version": 1}


def test_votes_and_forms_are_read_back_and_always_the_same_bytes(tmp_path: Path) -> None:
    voted = [*votes("ab", label="Téléphone"), *votes("c", "", "tel", trusted=True)]
    forms = [judged(form, position) for form in ("f1", "f2") for position in range(2)]

    def written() -> tuple[str, str]:
        return tuple(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("votes", "judged"))  # type: ignore[return-value]

    write_votes(voted, tmp_path / "votes"), write_judged(forms, tmp_path / "judged")
    first = written()
    write_votes(voted[::-1], tmp_path / "votes"), write_judged(forms[::-1], tmp_path / "judged")

    assert written() == first
    assert (read_votes(tmp_path / "votes"), read_judged(tmp_path / "judged")) == (voted, forms)


def test_a_version_without_feedback_has_files_without_rows(tmp_path: Path) -> None:
    write_votes([], tmp_path / "votes")

    assert read_votes(tmp_path / "votes") == []


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "votes.parquet").write_bytes(b"PAR1 no more")
    write_judged([], tmp_path / "judged.parquet")

    with pytest.raises(CorruptVersion, match=r"votes\.parquet can't be read"):
        read_votes(tmp_path / "votes.parquet")
    with pytest.raises(CorruptVersion, match=r"judged\.parquet: its columns are not those of Vote"):
        read_votes(tmp_path / "judged.parquet")


def test_the_difference_to_the_parent_lists_ids_not_counts() -> None:
    before = SiteAnswers(
        sites={
            "site": {
                "same": SiteAnswer(canonical="tel", agree=3),
                "other": SiteAnswer(canonical="tel"),
                "gone": SiteAnswer(canonical="tel"),
            }
        }
    )
    after = SiteAnswers(
        sites={
            "site": {
                "same": SiteAnswer(canonical="tel", agree=9),
                "other": SiteAnswer(canonical="email"),
                "s0": SiteAnswer(canonical="email", agree=3),
            }
        }
    )
    labelled = [*votes("ab", label="E-mail"), *votes("c", label="Mail")]

    learned = difference(before, after, labelled)

    assert [(found.change, found.signature, found.label) for found in learned.answers] == [
        ("dropped", "gone", ""),
        ("changed", "other", ""),
        ("new", "s0", "E-mail"),
    ]
    assert (learned.answers[2].before, learned.answers[2].after) == (None, SiteAnswer(canonical="email", agree=3))
