"""How a run ends, and what it publishes."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.tiny_training import tiny_context
from tests.support.versions import sealed_version
from typer.testing import CliRunner

from fieldwise_common.events import Event, Promoted, QuorumReached, Rejected, Superseded
from fieldwise_training import cli
from fieldwise_training import run as whole_run
from fieldwise_training.state import CalibrationFacts, FeedbackFacts, RunParameters, RunState, parse_request
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.gate import gate
from fieldwise_training.steps.notify import notify
from fieldwise_training.steps.order import STEPS
from fieldwise_training.steps.promote import promote


class Collected:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
def published() -> Collected:
    return Collected()


@pytest.fixture
def context(tmp_path: Path, published: Collected) -> TrainingContext:
    """With a live version."""
    made = replace(tiny_context(tmp_path), events=published)
    made.store.promote(sealed_version(made.store, "parent"), "a run", None)
    return made


def sealed(context: TrainingContext, run_id: str, is_good: bool = True, mode: str = "build-index", **facts: object) -> RunState:
    """The state of a run before its gate; its parent is what is live now."""
    kind = "smoketest" if mode == "smoke-test" else "embeddings"
    return RunState(
        mode=mode,
        run_id=run_id,
        version=sealed_version(context.store, run_id, is_good=is_good, kind=kind),
        code="test",
        parent=context.store.published().pointer.version,
        parameters=RunParameters(min_accuracy=0.5, lex_threshold=0.9, feedback_log="", base_model=""),
        **facts,  # type: ignore[arg-type]
    )


def test_a_promotion_is_published_with_what_users_agree_on_by_now(context: TrainingContext, published: Collected) -> None:
    feedback = FeedbackFacts(answers=40, changes={"new": 3, "changed": 1, "dropped": 2})
    before = sealed(context, "run", feedback=feedback)

    after = notify(context, promote(context, gate(context, before)))

    assert (after.promoted, after.superseded) == (True, False)
    promoted, quorum = published.events
    assert promoted == Promoted(
        at=promoted.at, run_id="run", version=before.version, previous=before.parent, mode="build-index", reason="good enough"
    )
    assert quorum == QuorumReached(at=quorum.at, run_id="run", version=before.version, new=3, changed=1, agreed=40)


@pytest.mark.parametrize("feedback", [None, FeedbackFacts(answers=40, changes={"dropped": 2})])
def test_without_a_new_agreement_only_the_promotion_is_published(
    context: TrainingContext, published: Collected, feedback: FeedbackFacts | None
) -> None:
    notify(context, promote(context, gate(context, sealed(context, "run", feedback=feedback))))

    assert [event.kind for event in published.events] == ["promoted"]


def test_a_rejection_is_published_with_its_reason_and_what_stays_live(context: TrainingContext, published: Collected) -> None:
    state = gate(context, sealed(context, "run", is_good=False))

    assert (state.promote, state.superseded) == (False, False)
    (event,) = published.events
    assert isinstance(event, Rejected)
    assert (event.version, event.live, event.reason) == (state.version, state.parent, "too weak")


def test_a_smoke_test_publishes_nothing(context: TrainingContext, published: Collected) -> None:
    gate(context, sealed(context, "run", is_good=False, mode="smoke-test"))

    assert published.events == []


def test_the_loser_of_two_trainings_ends_superseded_at_the_gate_or_at_the_pointer(context: TrainingContext, published: Collected) -> None:
    winner, late, later = (sealed(context, run_id) for run_id in ("winner", "late", "later"))
    passed = gate(context, late)
    promote(context, gate(context, winner))

    ends = [promote(context, passed), gate(context, later)]

    assert [(end.promote, end.promoted, end.superseded) for end in ends] == [(False, False, True)] * 2
    assert {end.reason for end in ends} == {
        f"{winner.version} went live during this run, and this version was not compared with it: train again"
    }
    assert [(event.kind, event.version, event.live) for event in published.events if isinstance(event, Superseded)] == [
        ("superseded", late.version, winner.version),
        ("superseded", later.version, winner.version),
    ]
    assert context.store.published().pointer.version == winner.version


def test_a_run_that_is_overtaken_after_its_gate_ends_before_it_notifies_anyone(
    context: TrainingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    winner, loser = sealed(context, "winner"), sealed(context, "loser")
    monkeypatch.setattr(whole_run, "MEASURING", (STEPS["gate"],))
    monkeypatch.setattr(whole_run, "begin", lambda *_: loser)
    done: list[str] = []

    def overtake(step: whole_run.StepDone) -> None:
        done.append(step.name)
        if step.name == "gate":
            promote(context, winner)

    end = whole_run.run(context, parse_request({"mode": "build-index"}), "loser", lambda _: nullcontext(), overtake)

    assert (end.superseded, end.promoted, done) == (True, False, ["gate", "promote"])


def test_the_command_line_says_superseded_with_an_exit_code_of_its_own(
    context: TrainingContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    end = sealed(context, "run", superseded=True, promoted=False, reason="overtaken")
    monkeypatch.setattr("fieldwise_training.cli.run.run", lambda *_: end)

    result = CliRunner().invoke(cli.app, ["--mode", "build-index", "--store", str(tmp_path / "store")])

    assert (result.exit_code, result.output) == (4, "superseded: overtaken\n")


def test_a_superseded_version_that_passed_the_gate_can_be_made_live_by_hand(context: TrainingContext) -> None:
    winner, loser = sealed(context, "winner"), sealed(context, "loser")
    promote(context, gate(context, winner))
    gate(context, loser)

    assert context.store.roll_back(loser.version, "ada", "better on my forms").version == loser.version


def test_a_rollback_during_a_run_supersedes_it(context: TrainingContext) -> None:
    first = sealed(context, "first")
    promote(context, gate(context, first))
    running = sealed(context, "running")
    assert first.parent is not None
    context.store.roll_back(first.parent, "ada")

    assert gate(context, running).superseded


def test_repeating_the_promotion_of_the_live_version_is_no_conflict(context: TrainingContext) -> None:
    passed = gate(context, sealed(context, "run"))
    promote(context, passed)

    assert promote(context, passed).promoted


@pytest.mark.parametrize("own_budget", [0.005, 0.02, None])
@pytest.mark.parametrize(("is_good", "kind"), [(True, None), (False, "rejected")])
def test_a_voided_budget_is_published_whatever_becomes_of_the_run(
    context: TrainingContext, published: Collected, is_good: bool, kind: str | None, own_budget: float | None
) -> None:
    """With the budget that users contradict: that of the live version, whatever the run's own is."""
    parent = sealed_version(context.store, "with a budget", parameters={"wrong_fill_budget": 0.005})
    context.store.roll_back(parent, "ada")
    state = sealed(context, "run", is_good=is_good, calibration=CalibrationFacts(budget=own_budget, is_void=True))
    gate(context, state)

    event, *others = published.events
    assert (event.kind, event.model_dump()["version"], event.model_dump()["budget"]) == ("budget voided", state.parent, 0.005)
    assert [other.kind for other in others] == ([kind] if kind else [])


def test_a_budget_that_holds_is_not_published(context: TrainingContext, published: Collected) -> None:
    context.store.roll_back(sealed_version(context.store, "with a budget", parameters={"wrong_fill_budget": 0.005}), "ada")
    gate(context, sealed(context, "run", calibration=CalibrationFacts(budget=0.005, is_void=False)))

    assert published.events == []
