"""Whether wrong answers are more frequent where forms are hard to read."""

from typing import Any

import pytest
from benchmarks.quality.bad_input import BadInput, bad_input, difference
from benchmarks.quality.measure import Result
from benchmarks.shared.truth import TruthField

from fieldwise_common.wire import FieldDescriptor
from fieldwise_training.evaluation.metrics import Share


def answer(kind: str, predicted: str, value: str | None = None, values: tuple[str | None, ...] = ()) -> Result:
    """A field for an e-mail address in a case of this kind."""
    field = TruthField(1, "a.example", kind, "en", "email", FieldDescriptor(selector="#f"), accepted=frozenset({"email"}), values=values)
    return Result(field, "unsure" if predicted == "none" else "accepted", "ranker", predicted, 0.9, True, (), None, value)


def found(*forms: list[Result]) -> BadInput:
    figures = bad_input(forms)
    assert figures is not None
    return figures


def test_wrong_answers_are_counted_per_filled_field_and_silence_is_not_counted() -> None:
    unread = [answer("mixed-scripts", "email"), answer("mixed-scripts", "tel"), answer("mixed-scripts", "none")]

    figures = found(unread, [answer("long-labels", "email")], [answer("plain", "email"), answer("plain", "none")])

    assert figures.by_kind["mixed-scripts"].wrong == Share(hits=1, of=2)
    assert (figures.together.forms, figures.together.wrong) == (2, Share(hits=1, of=3))
    assert (figures.others.forms, figures.others.wrong) == (1, Share(hits=0, of=1))
    assert figures.together.difference is not None
    assert figures.together.difference.value == pytest.approx(1 / 3, abs=1e-5)
    assert figures.by_kind["mixed-scripts"].difference == difference(Share(hits=1, of=2), Share(hits=0, of=1))
    assert figures.others.difference is None


def test_a_wrong_value_of_a_right_id_is_wrong() -> None:
    figures = found([answer("long-labels", "email", "b@x.example", ("a@x.example",)), answer("long-labels", "email")])

    assert figures.together.wrong == Share(hits=1, of=2)


def test_forms_without_these_kinds_have_no_such_figure() -> None:
    assert bad_input([[answer("plain", "tel")]]) is None


def test_without_a_filled_field_there_is_no_share_and_no_difference() -> None:
    figures = found([answer("long-labels", "none")], [answer("plain", "email")])

    assert (figures.together.wrong.value, figures.together.low, figures.together.difference) == (None, None, None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # the examples a and h of Newcombe's paper, table II, method 10
        ((56, 70), (48, 80), (0.2, 0.0524, 0.3339)),
        ((10, 10), (0, 10), (1.0, 0.6075, 1.0)),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(one: Any, other: Any, expected: tuple[float, float, float]) -> None:
    between = difference(Share(hits=one[0], of=one[1]), Share(hits=other[0], of=other[1]))

    assert between is not None
    assert (between.value, between.low, between.high) == pytest.approx(expected, abs=1e-4)
