"""Where two ids answer a field equally well, the likelier one is taken if the two together reach the threshold."""

import pytest

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.pooled import pooled
from fieldwise_inference.classify.ruling import Ruling

LEXICON = Lexicon(exact={"email": "email", "mobile number": "tel", "username": "username", "company": "organization", "name": "name"})


def decided(canonical: str, others: dict[str, float], label: str = "", score: float = 0.5) -> Ruling:
    view = FieldView(FieldDescriptor(selector="#a", label=label))
    ruling = Ruling("unsure", "ranker", canonical, score, 0.7)
    return pooled(ruling, view, LEXICON, lambda other: others.get(other, 0.0))


@pytest.mark.parametrize(
    ("likeliest", "other"),
    [
        ("current-password", "new-password"),
        ("new-password", "current-password"),
        ("tel", "tel-national"),
        ("address-line1", "street-address"),
        ("gender", "sex"),
    ],
)
def test_the_likelier_of_two_ids_that_answer_a_field_alike_is_accepted(likeliest: str, other: str) -> None:
    ruling = decided(likeliest, {other: 0.3})

    assert (ruling.outcome, ruling.canonical, ruling.score) == ("accepted", likeliest, 0.8)
    assert ruling.signals == (f"pooled:{other}@0.30",)


def test_the_sum_must_reach_the_threshold() -> None:
    assert decided("tel", {"tel-national": 0.19}).outcome == "unsure"


def test_other_ids_are_not_pooled() -> None:
    assert decided("tel", {"email": 0.4}, label="Contact").outcome == "unsure"
    assert decided("name", {"organization": 0.4}, label="Name or company").outcome == "unsure"
    assert decided("none", {"tel": 0.4}).outcome == "unsure"


@pytest.mark.parametrize("label", ["Mobile number or email", "Email / username", "Email oder Mobile number", "username或email"])
def test_a_log_in_that_names_several_takes_any_of_them(label: str) -> None:
    assert decided("email", {"username": 0.1, "tel": 0.15}, label=label).outcome == "accepted"
