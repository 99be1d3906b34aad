from collections import Counter
from collections.abc import Sequence

import pytest
from tests.support.filling import response
from tests.support.questions import IN_MORE_LANGUAGES, OPEN, PROFILE, TURNED, USUAL, Asked

RIGHT, SILENT, WRONG = "right", "silent", "wrong"


def outcome(asked: Asked, kind: str) -> str:
    """Whether a user with `PROFILE` gets the true answer, none, or another one."""
    profile = {**PROFILE, "country": asked.country, "remote-preference": "No", "current-job": "Yes"}
    options = ["Yes", "No"] if kind == "select" else []
    fills = response(asked.canonical, profile, type=kind, label=asked.text, options=options).fills
    if kind == "checkbox":  # an empty box is no answer, so only a tick can be wrong
        return SILENT if not fills else RIGHT if asked.answer == "yes" else WRONG
    return SILENT if not fills else RIGHT if fills[0].value.lower() == asked.answer else WRONG


@pytest.mark.parametrize("kind", ["select", "checkbox"])
@pytest.mark.parametrize("asked", [*USUAL, *TURNED, *IN_MORE_LANGUAGES], ids=lambda asked: asked.text)
def test_a_question_is_answered_right_or_not_at_all(asked: Asked, kind: str) -> None:
    assert outcome(asked, kind) != WRONG


@pytest.mark.parametrize("asked", TURNED, ids=lambda asked: asked.text)
def test_a_turned_question_with_a_text_box_gets_the_true_answer(asked: Asked) -> None:
    assert outcome(asked, "text") != WRONG


@pytest.mark.parametrize("kind", ["select", "checkbox", "radio", "text"])
@pytest.mark.parametrize("asked", OPEN, ids=lambda asked: asked.text)
def test_a_question_that_the_profile_does_not_answer_stays_empty(asked: Asked, kind: str) -> None:
    assert outcome(asked, kind) == SILENT


@pytest.mark.parametrize("questions", [USUAL, TURNED, IN_MORE_LANGUAGES], ids=["usual", "turned", "in more languages"])
def test_nearly_all_questions_that_the_profile_answers_are_answered(questions: Sequence[Asked]) -> None:
    outcomes = Counter(outcome(asked, "select") for asked in questions)

    assert outcomes[RIGHT] >= 0.95 * len(questions)


@pytest.mark.parametrize(
    "evasive", ["Not sure", "I don't know", "Not applicable", "No comment", "Weiß nicht", "No estoy seguro", "Не знаю"]
)
def test_an_option_that_says_neither_yes_nor_no_is_no_answer(evasive: str) -> None:
    profile = {"visa-sponsorship": "No"}

    without_no, with_no = (
        response("visa-sponsorship", profile, type="select", label="Do you require visa sponsorship?", options=[*options, evasive]).fills
        for options in (["I require sponsorship"], ["I require sponsorship", "I do not require sponsorship"])
    )

    assert without_no == ()
    assert [fill.value for fill in with_no] == ["I do not require sponsorship"]
