from collections import Counter

import pytest
from tests.support.filling import response
from tests.unit.inference.questions import OPEN, PROFILE, TURNED, USUAL, Asked

RIGHT, SILENT, WRONG = "right", "silent", "wrong"


def outcome(asked: Asked, kind: str) -> str:
    """Whether a user with `PROFILE` gets the true answer, none, or another one."""
    profile = {**PROFILE, "country": asked.country, "remote-preference": "No"}
    options = ["Yes", "No"] if kind == "select" else []
    fills = response(asked.canonical, profile, type=kind, label=asked.text, options=options).fills
    if kind == "checkbox":  # an empty box is no answer, so only a tick can be wrong
        return SILENT if not fills else RIGHT if asked.answer == "yes" else WRONG
    return SILENT if not fills else RIGHT if fills[0].value.lower() == asked.answer else WRONG


@pytest.mark.parametrize("kind", ["select", "checkbox"])
@pytest.mark.parametrize("asked", [*USUAL, *TURNED], ids=lambda asked: asked.text)
def test_a_question_is_answered_right_or_not_at_all(asked: Asked, kind: str) -> None:
    assert outcome(asked, kind) != WRONG


@pytest.mark.parametrize("asked", TURNED, ids=lambda asked: asked.text)
def test_a_turned_question_with_a_text_box_gets_the_true_answer(asked: Asked) -> None:
    assert outcome(asked, "text") != WRONG


@pytest.mark.parametrize("kind", ["select", "checkbox", "radio", "text"])
@pytest.mark.parametrize("asked", OPEN, ids=lambda asked: asked.text)
def test_a_question_that_the_profile_does_not_answer_stays_empty(asked: Asked, kind: str) -> None:
    assert outcome(asked, kind) == SILENT


def test_most_questions_are_answered() -> None:
    usual, turned = (Counter(outcome(asked, "select") for asked in questions) for questions in (USUAL, TURNED))

    assert usual[RIGHT] >= 0.95 * len(USUAL)
    assert turned[RIGHT] >= 0.9 * len(TURNED)
    assert len(USUAL) + len(TURNED) + len(OPEN) >= 150
