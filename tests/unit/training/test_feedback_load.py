"""What `load` writes of feedback, from version to version."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.feedback_log import SITE, as_previous_release, form, later, said, store, unsigned
from tests.support.tiny_training import tiny_context, tiny_data

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import Manifest, Verdict
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_training.feedback.judged import JudgedField, read_judged
from fieldwise_training.feedback.learned import Learned
from fieldwise_training.feedback.votes import Vote, read_votes
from fieldwise_training.release.draft import temporary_folder
from fieldwise_training.state import FeedbackFacts, RunState, parse_request
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.load import load, summary
from fieldwise_training.steps.validate import begin, validate

HOUR = "2026/11/22/10"
NEXT_HOUR = "2026/11/22/11"
FROM_FEEDBACK = (layout.VOTES, layout.JUDGED, layout.SITES, layout.FEEDBACK, layout.LEARNED)
LEARNING = "build-index-feedback"


@pytest.fixture
def context(tmp_path: Path) -> TrainingContext:
    return tiny_context(tmp_path, feedback_log=str(tmp_path / "decisions"))


def begun(context: TrainingContext, run_id: str, mode: str = LEARNING, **parameters: Any) -> RunState:
    return validate(context, begin(context, parse_request({"mode": mode, "parameters": parameters}), run_id))


def loaded(context: TrainingContext, run_id: str, mode: str = LEARNING, **parameters: Any) -> RunState:
    return load(context, begun(context, run_id, mode, **parameters))


def promoted(context: TrainingContext, state: RunState) -> RunState:
    """The version is sealed and made live as it is."""
    assert state.feedback is not None
    manifest = Manifest(
        version=state.version,
        created_at=datetime.now(UTC),
        mode=state.mode,
        parent=state.parent,
        code_version="test",
        run_id=state.run_id,
        files=context.draft(state).entries({}),
        data={},
        parameters={},
        metrics={"feedback": state.feedback.model_dump()},
        verdict=Verdict(promote=True, reason="a test's version"),
    )
    context.store.seal(manifest)
    live = context.store.published_or_none()
    context.store.promote(state.version, "a test", live.pointer.version if live is not None else None)
    return state


def facts(state: RunState) -> FeedbackFacts:
    assert state.feedback is not None
    return state.feedback


def votes(context: TrainingContext, state: RunState) -> list[Vote]:
    with temporary_folder() as folder:
        return read_votes(context.draft(state).download([layout.VOTES], folder)[layout.VOTES])


def judged(context: TrainingContext, state: RunState) -> list[JudgedField]:
    with temporary_folder() as folder:
        return read_judged(context.draft(state).download([layout.JUDGED], folder)[layout.JUDGED])


def sites(context: TrainingContext, state: RunState) -> SiteAnswers:
    return SiteAnswers.model_validate_json(context.draft(state).read(layout.SITES))


def written(context: TrainingContext, state: RunState) -> dict[str, bytes]:
    return {name: context.store.objects.get(f"{state.version}/{name}").body for name in FROM_FEEDBACK}


def corrected(tmp_path: Path, users: str, hour: str = HOUR, canonical: str = "email", **changes: str) -> None:
    """One user after the other corrects the first field of a form of their own."""
    for number, user in enumerate(users):
        rows = form(ord(user), user, timestamp=later("2026-11-22T10:00:00.000Z", minutes=number))
        store(tmp_path, hour, *rows, said(rows[0], canonical, **changes), name=f"{user}-{canonical}")


def test_what_three_users_say_is_answered_for_everyone_by_the_next_version(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "ab")
    first = promoted(context, loaded(context, "run-1"))
    corrected(tmp_path, "c", NEXT_HOUR)

    second = loaded(context, "run-2")

    assert sites(context, first).sites == {}
    assert sites(context, second).of(SITE) == {"s0": SiteAnswer(canonical="email", rejected=(), agree=3)}
    learned = Learned.model_validate_json(context.draft(second).read(layout.LEARNED))
    assert [(found.change, found.label, found.before) for found in learned.answers] == [("new", "First name", None)]
    assert (facts(second).votes, facts(second).answers, facts(second).changes, facts(second).forms) == (3, 1, {"new": 1}, 3)
    assert (facts(second).mark, facts(first).mark) == (f"{NEXT_HOUR}/", f"{HOUR}/")
    assert summary(second).endswith("feedback: 3 votes read, 3 in all; 1 fields agreed on, 1 new; 0 rows quarantined")


def test_no_site_or_user_is_in_the_served_file_in_the_clear(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")

    served = context.draft(loaded(context, "run-1")).read(layout.SITES)

    assert "email" in served
    assert "shop.example" not in served
    assert set(json.loads(served)["sites"]) == {SITE}


@pytest.mark.parametrize(("quorum", "is_agreed"), [(1, True), (2, False)])
def test_the_quorum_is_a_parameter_of_the_run(context: TrainingContext, tmp_path: Path, quorum: int, is_agreed: bool) -> None:
    corrected(tmp_path, "a")

    assert (SITE in sites(context, loaded(context, "run-1", site_quorum=quorum)).sites) is is_agreed


def test_an_admin_needs_no_quorum(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "a", trusted="true")

    assert sites(context, loaded(context, "run-1")).of(SITE)["s0"].trusted is True


def test_a_plain_rebuild_forgets_nothing_and_reads_nothing(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    parent = promoted(context, loaded(context, "run-1"))
    corrected(tmp_path, "def", NEXT_HOUR, "given-name")

    rebuilt = loaded(context, "run-2", "build-index")

    before, after = written(context, parent), written(context, rebuilt)
    assert {name: after[name] for name in (layout.VOTES, layout.JUDGED, layout.SITES)} == {
        name: before[name] for name in (layout.VOTES, layout.JUDGED, layout.SITES)
    }
    assert (facts(rebuilt).mark, facts(rebuilt).objects, facts(rebuilt).changes) == (f"{HOUR}/", 0, {})


def test_a_smoke_test_has_no_feedback(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    promoted(context, loaded(context, "run-1"))

    smoke = loaded(context, "run-2", "smoke-test")

    assert (votes(context, smoke), judged(context, smoke), sites(context, smoke).sites) == ([], [], {})


def test_reading_the_overlap_again_changes_nothing(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    parent = promoted(context, loaded(context, "run-1"))

    again = loaded(context, "run-2")

    assert {name: body for name, body in written(context, again).items() if name != layout.LEARNED} == {
        name: body for name, body in written(context, parent).items() if name != layout.LEARNED
    }
    assert (facts(again).objects, facts(again).mark) == (3, f"{HOUR}/")


def test_what_a_run_has_read_that_was_not_promoted_is_read_again(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "ab")
    promoted(context, loaded(context, "run-1"))
    corrected(tmp_path, "c", "2026/11/25/10")
    rejected = loaded(context, "run-2")
    corrected(tmp_path, "d", "2026/11/29/10")

    third = loaded(context, "run-3")

    assert (facts(rejected).votes, facts(third).votes) == (3, 4)
    assert sites(context, third).of(SITE)["s0"].agree == 4


def test_after_a_rollback_the_log_is_read_from_the_mark_of_the_version_that_is_live_again(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "ab")
    first = promoted(context, loaded(context, "run-1"))
    corrected(tmp_path, "c", "2026/11/25/10")
    second = promoted(context, loaded(context, "run-2"))
    context.store.roll_back(first.version, "a test")
    corrected(tmp_path, "d", "2026/11/29/10")

    third = loaded(context, "run-3")

    assert (third.parent, facts(third).mark, facts(second).mark) == (first.version, "2026/11/29/10/", "2026/11/25/10/")
    assert {vote.user for vote in votes(context, third)} == {"a", "b", "c", "d"}
    assert facts(third).changes == {"new": 1}


def test_a_log_that_has_moved_is_read_from_its_beginning_and_no_user_counts_twice(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "ab")
    promoted(context, loaded(context, "run-1"))
    (tmp_path / "decisions").rename(tmp_path / "moved")

    second = loaded(context, "run-2", feedback_log=str(tmp_path / "moved"))

    assert (facts(second).new_votes, facts(second).votes, sites(context, second).sites) == (2, 2, {})


def test_a_step_that_is_run_again_writes_the_same_files(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    state = begun(context, "run-1")

    first = load(context, state)
    files = written(context, first)

    assert load(context, state) == first
    assert written(context, first) == files


def test_ten_who_collude_against_twelve_change_nothing(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abcdefghijkl")
    promoted(context, loaded(context, "run-1"))
    corrected(tmp_path, "ABCDEFGHIJ", NEXT_HOUR, "given-name")

    after = sites(context, loaded(context, "run-2")).of(SITE)["s0"]

    assert (after.canonical, after.agree, after.against) == ("email", 12, 10)


def test_one_user_with_ten_thousand_corrections_changes_nobodys_answer(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abcd")
    lies = [said(row, "given-name") for number in range(2_500) for row in form(number, "liar", labels=("A", "B", "C", "D"))]
    store(tmp_path, NEXT_HOUR, *lies, name="lies")

    state = loaded(context, "run-1")

    assert {signature: answer.canonical for signature, answer in sites(context, state).of(SITE).items()} == {"s0": "email"}
    assert sum(vote.user == "liar" for vote in votes(context, state)) == 4
    assert facts(state).capped == {"forms of one user": 2_300}


def test_an_erased_users_votes_and_forms_are_gone_from_the_next_version(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    promoted(context, loaded(context, "run-1"))
    for user, erased_at in {"a": "2026-11-25T00:00:00+00:00", "b": "2026-11-21T00:00:00+00:00"}.items():
        context.store.objects.put(f"{layout.ERASED}{user}", f"{erased_at}\n".encode())

    state = loaded(context, "run-2", "build-index")

    assert {vote.user for vote in votes(context, state)} == {row.user for row in judged(context, state)} == {"b", "c"}
    assert (sites(context, state).sites, facts(state).changes) == ({}, {"dropped": 1})


def test_an_erasure_whose_time_cant_be_read_drops_everything_of_the_user(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "ab")
    context.store.objects.put(f"{layout.ERASED}a", b"\xff")

    assert {vote.user for vote in votes(context, loaded(context, "run-1"))} == {"b"}


def test_ids_that_the_canonical_data_has_lost_are_skipped_until_they_are_back(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    promoted(context, loaded(context, "run-1"))
    data = tiny_data(
        tmp_path / "without", {"given-name": ["First name"], "family-name": ["Last name"], "email-2": ["Email"], "none:search": ["Search"]}
    )
    corpus = data / "corpus" / "en.jsonl"
    corpus.write_text(corpus.read_text().replace('"truth": "email"', '"truth": "email-2"'))

    lost = loaded(TrainingContext(context.store, context.settings, data), "run-2", "build-index")

    assert (facts(lost).unknown_ids, facts(lost).votes, sites(context, lost).sites) == (3, 3, {})
    assert SITE in sites(context, loaded(context, "run-3", "build-index")).sites


def test_the_log_of_the_previous_release_is_read_into_judged_forms_alone(tmp_path: Path) -> None:
    rows = [unsigned(row, f"d{row.position}") for row in form(1)]
    (tmp_path / "log.csv").write_text(as_previous_release([*rows, unsigned(said(rows[0], "email"), "d0")]), "utf-8")
    context = tiny_context(tmp_path, feedback_log=str(tmp_path / "log.csv"))

    state = loaded(context, "run-1")

    assert (votes(context, state), [row.verdict for row in judged(context, state)]) == ([], ["incorrect", ""])
    assert (facts(state).unsigned, facts(state).forms, facts(state).quarantined) == (1, 1, {})


def test_a_parent_of_an_earlier_release_carries_nothing(context: TrainingContext, tmp_path: Path) -> None:
    parent = loaded(context, "run-1")
    for name in (*FROM_FEEDBACK,):
        (tmp_path / "store" / parent.version / name).unlink()
    promoted(context, parent.model_copy(update={"feedback": FeedbackFacts()}))
    corrected(tmp_path, "abc")

    assert SITE in sites(context, loaded(context, "run-2")).sites


@pytest.mark.parametrize("name", [layout.VOTES, layout.JUDGED, layout.SITES])
def test_damaged_votes_of_the_parent_stop_the_run_instead_of_being_forgotten(context: TrainingContext, tmp_path: Path, name: str) -> None:
    corrected(tmp_path, "abc")
    parent = promoted(context, loaded(context, "run-1"))
    context.store.objects.put(f"{parent.version}/{name}", b"damaged")

    with pytest.raises(CorruptVersion, match=name):
        loaded(context, "run-2", "build-index")


def test_a_damaged_manifest_of_the_parent_stops_the_run_with_what_to_do(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    parent = promoted(context, loaded(context, "run-1"))
    context.store.objects.put(f"{parent.version}/{layout.MANIFEST}", b"damaged")

    with pytest.raises(CorruptVersion, match=rf"^{parent.version}/.* can't be parsed; the users' votes are in this version: restore"):
        loaded(context, "run-2", "build-index")

    assert votes(context, loaded(context, "run-3", "smoke-test")) == []


def test_a_parent_that_is_gone_is_noted_and_the_log_is_read_from_its_beginning(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "abc")
    parent = promoted(context, loaded(context, "run-1"))
    (tmp_path / "store" / parent.version / layout.MANIFEST).unlink()

    rebuilt, learning = loaded(context, "run-2", "build-index"), loaded(context, "run-3")

    assert rebuilt.note == learning.note == f"the votes of {parent.version} are not carried on: it has no manifest."
    assert (facts(rebuilt).votes, facts(rebuilt).mark, facts(learning).votes) == (0, "", 3)


def test_texts_of_a_plain_csv_are_stored_apart_from_votes(tmp_path: Path) -> None:
    (tmp_path / "feedback.csv").write_text("query_key,matched_key,correct\nRufname,given-name,yes\n")
    context = tiny_context(tmp_path, feedback_log=str(tmp_path / "feedback.csv"))

    state = loaded(context, "run-1")

    assert (facts(state).confirmed, facts(state).votes, facts(state).mark) == (1, 0, "")
    assert "Rufname" in context.draft(state).read(layout.FEEDBACK)
    assert "feedback: 1 texts confirmed, 0 rejected; 0 votes read" in summary(state)
