"""When the ranker is copied, trained further or trained from scratch, and what each version records of what it learned."""

import io
from pathlib import Path

import numpy as np
import pytest
from tests.support.feedback_log import SITE, form, said, store
from tests.support.tiny_training import tiny_context
from tests.support.tiny_version import write_encoder
from tests.unit.training.test_steps import EXACT

from fieldwise_common.store import layout
from fieldwise_training.encoder.model_manager import digest_of
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.state import LearningFacts, RunState, parse_request
from fieldwise_training.steps import ranker as step
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.evaluate import evaluate
from fieldwise_training.steps.gate import gate
from fieldwise_training.steps.index import index
from fieldwise_training.steps.load import load
from fieldwise_training.steps.promote import promote
from fieldwise_training.steps.ranker import ranker, summary
from fieldwise_training.steps.seal import seal
from fieldwise_training.steps.validate import begin, validate

QUICK = {"ranker_members": 1, "ranker_epochs": 2}
NEW_FIELDS = 2
HOUR, NEXT_HOUR = "2026/11/22/10", "2026/11/22/11"
LEARNING, FULL, PLAIN = "build-index-feedback", "full-train", "build-index"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingContext:
    monkeypatch.setattr(step, "MIN_NEW_FIELDS", NEW_FIELDS)
    (tmp_path / "base").mkdir()
    write_encoder(tmp_path / "encoder")
    return tiny_context(tmp_path, str(tmp_path / "base"), min_accuracy=0.0, feedback_log=str(tmp_path / "decisions"))


def ranked(context: TrainingContext, tmp_path: Path, mode: str, run_id: str, **parameters: int) -> RunState:
    """The state after `ranker`, with a ready-made encoder that counts as the parent's if there is one."""
    request = parse_request({"mode": mode, "parameters": QUICK | parameters})
    state = load(context, validate(context, begin(context, request, run_id)))
    context.draft(state).upload(tmp_path / "encoder")
    base = digest_of(Path(state.parameters.base_model))
    made = {"encoder_reused": state.parent is not None, "base_model_sha256": base, "encoder": EXACT}
    return ranker(context, index(context, state.model_copy(update=made)))


def released(context: TrainingContext, state: RunState) -> RunState:
    """The version is live, whatever the gate says of a tiny ranker."""
    sealed = gate(context, seal(context, evaluate(context, state.model_copy(update={"encoder_reused": False}))))
    return promote(context, sealed.model_copy(update={"promote": True}))


def corrected(tmp_path: Path, user: str, hour: str = HOUR, canonical: str = "given-name", minute: int = 0) -> None:
    rows = form(ord(user), user, timestamp=f"2026-11-22T10:{minute:02}:00.000Z")
    store(tmp_path, hour, *rows, *(said(row, id_) for row, id_ in zip(rows, (canonical, "family-name"), strict=True)), name=user)


def learning(state: RunState) -> LearningFacts:
    assert state.learning is not None
    return state.learning


def weights(context: TrainingContext, state: RunState) -> bytes:
    return context.store.objects.get(f"{state.version}/{layout.RANKER_WEIGHTS}").body


def test_the_site_of_these_tests_is_not_held_out() -> None:
    assert not is_held_out(SITE)


def test_enough_new_feedback_trains_the_parents_ranker_further(context: TrainingContext, tmp_path: Path) -> None:
    parent = released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")

    state = ranked(context, tmp_path, LEARNING, "run-2")

    assert (parent.learning, state.ranker_reused) == (None, False)
    assert (learning(state).warm_start, learning(state).fields, learning(state).new_fields, learning(state).users) == (True, 2, 2, 1)
    assert "trained further on " in summary(state)
    assert "2 of them from feedback on 1 sites" in summary(state)
    before, after = (np.load(io.BytesIO(weights(context, made)))["0.pool"] for made in (parent, state))
    assert 0 < np.abs(before - after).max() < 0.01


def test_too_little_that_is_new_leaves_the_parents_ranker_with_what_it_learned(context: TrainingContext, tmp_path: Path) -> None:
    released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")
    parent = released(context, ranked(context, tmp_path, LEARNING, "run-2"))

    again = ranked(context, tmp_path, LEARNING, "run-3")

    assert again.ranker_reused is True
    assert again.learning == parent.learning
    assert weights(context, again) == weights(context, parent)


def test_feedback_that_is_too_little_waits(context: TrainingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")
    monkeypatch.setattr(step, "MIN_NEW_FIELDS", 3)

    state = ranked(context, tmp_path, LEARNING, "run-2")

    assert (state.ranker_reused, learning(state).waiting, learning(state).fields) == (True, 2, 0)
    assert weights(context, state) == weights(context, parent)
    assert summary(state).endswith("; 2 fields with feedback are new, it takes 3 to train further")


def test_a_plain_rebuild_carries_on_what_the_parents_ranker_learned(context: TrainingContext, tmp_path: Path) -> None:
    released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")
    parent = released(context, ranked(context, tmp_path, LEARNING, "run-2"))
    corrected(tmp_path, "b", NEXT_HOUR)

    rebuilt = released(context, ranked(context, tmp_path, PLAIN, "run-3"))

    assert (rebuilt.ranker_reused, rebuilt.learning) == (True, parent.learning)
    assert context.store.manifest(rebuilt.version).metrics["ranker"]["learning"] == learning(parent).model_dump()


@pytest.mark.parametrize("what", ["recipe", "corpus", "canonical"])
def test_after_another_change_training_begins_anew_with_all_feedback_so_far(
    context: TrainingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")
    released(context, ranked(context, tmp_path, LEARNING, "run-2"))
    if what == "recipe":
        monkeypatch.setattr(step, "RECIPE", "another one")
    else:
        file = next((tmp_path / "data" / what).iterdir())
        changed = {"corpus": ("First name *", "Given name *"), "canonical": ("Search", "Find")}[what]
        file.write_text(file.read_text().replace(*changed))

    state = ranked(context, tmp_path, PLAIN, "run-3")

    assert (state.ranker_reused, learning(state).warm_start, learning(state).fields) == (False, False, 2)


def test_full_train_begins_anew_until_nothing_is_left_to_learn(context: TrainingContext, tmp_path: Path) -> None:
    released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")
    released(context, ranked(context, tmp_path, LEARNING, "run-2"))  # a warm start

    full = released(context, ranked(context, tmp_path, FULL, "run-3"))
    again = released(context, ranked(context, tmp_path, FULL, "run-4"))
    corrected(tmp_path, "b", NEXT_HOUR, minute=30)
    more = ranked(context, tmp_path, FULL, "run-5")

    assert [state.ranker_reused for state in (full, again, more)] == [False, True, False]
    assert [learning(state).warm_start for state in (full, again, more)] == [False, False, False]
    assert (learning(full).users, learning(more).users) == (1, 2)


def test_the_same_feedback_gives_the_same_ranker(context: TrainingContext, tmp_path: Path) -> None:
    released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")

    for mode in (LEARNING, FULL):
        first, second = (ranked(context, tmp_path, mode, f"{mode}-{number}") for number in (1, 2))
        assert weights(context, first) == weights(context, second)
        assert first.learning == second.learning


def test_contradictory_feedback_alone_changes_nothing(context: TrainingContext, tmp_path: Path) -> None:
    parent = released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")
    rows = form(ord("b"), "b")
    store(tmp_path, HOUR, *rows, said(rows[0], "email"), said(rows[1], "email"), name="b")

    for mode in (LEARNING, FULL):
        state = ranked(context, tmp_path, mode, mode)
        assert (state.ranker_reused, weights(context, state)) == (True, weights(context, parent))


def test_feedback_before_the_first_ranker_is_trained_on_from_scratch(context: TrainingContext, tmp_path: Path) -> None:
    corrected(tmp_path, "a", canonical="none")

    state = ranked(context, tmp_path, LEARNING, "run-1")

    assert (state.ranker_reused, learning(state).fields, learning(state).warm_start) == (False, 2, False)
    assert learning(state).rejected == 0  # `none` is an answer, and not the rejection of one


def test_damaged_weights_of_the_parent_are_no_start(context: TrainingContext, tmp_path: Path) -> None:
    parent = released(context, ranked(context, tmp_path, PLAIN, "run-1"))
    corrected(tmp_path, "a")
    context.store.objects.put(f"{parent.version}/{layout.RANKER_WEIGHTS}", b"damaged")

    state = ranked(context, tmp_path, LEARNING, "run-2")

    assert (state.ranker_reused, learning(state).warm_start, learning(state).fields) == (False, False, 2)
