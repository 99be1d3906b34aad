"""A page of yes/no boxes and radios, from classify to what a careless client ticks: nothing that the profile denies."""

from dataclasses import replace
from typing import Any

import pytest
from tests.support.careless_client import ticked
from tests.support.deciding import a_version
from tests.support.tiny_ranker import tiny_ranker

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion

QUESTIONS = {
    "need a visa": "visa-sponsorship",
    "would move house": "willing-to-relocate",
    "worked here before": "previously-employed",
    "can drive": "drivers-license",
    "may work here": "work-authorization",
}
DENIED = {"visa-sponsorship": "No", "willing-to-relocate": "No", "previously-employed": "No"}
PROFILE = {**DENIED, "drivers-license": "Yes", "work-authorization": "Yes"}


@pytest.fixture(scope="module")
def version() -> LoadedVersion:
    known = Lexicon.model_validate({"exact": QUESTIONS})
    return replace(a_version(), lexicon=known, ranker=tiny_ranker(QUESTIONS.values()))


def radios(group: str, name: str, *labels: str) -> list[dict[str, Any]]:
    return [{"selector": f"#{name}-{label}", "type": "radio", "name": name, "group": group, "label": label} for label in labels]


def test_lone_boxes_are_ticked_for_a_yes_only(version: LoadedVersion) -> None:
    boxes = [{"selector": f"#{canonical}", "type": "checkbox", "label": label} for label, canonical in QUESTIONS.items()]

    assert ticked(version, PROFILE, boxes) == {"#drivers-license", "#work-authorization"}


@pytest.mark.parametrize("labels", [("Yes", "No"), ("No", "Yes")])
def test_of_a_question_the_radio_with_the_profiles_answer_is_chosen_or_none(version: LoadedVersion, labels: tuple[str, str]) -> None:
    fields = [radio for label, canonical in QUESTIONS.items() for radio in radios(label, canonical, *labels)]

    found = ticked(version, PROFILE, fields)

    denied = {f"#{canonical}-Yes" for canonical in DENIED} | {"#drivers-license-No", "#work-authorization-No"}
    assert not found & denied
    assert {"#drivers-license-Yes", "#work-authorization-Yes"} <= found


def test_a_required_box_stays_empty_for_a_no_whatever_its_own_value(version: LoadedVersion) -> None:
    fields = [{"selector": "#move", "type": "checkbox", "label": "would move house", "value": "no", "required": True}]

    assert ticked(version, PROFILE, fields) == set()


def test_with_an_empty_profile_nothing_is_ticked(version: LoadedVersion) -> None:
    fields = [radio for label, canonical in QUESTIONS.items() for radio in radios(label, canonical, "Yes", "No")]

    assert ticked(version, {}, fields) == set()


@pytest.mark.parametrize("key", ["label", "aria_label", "title", "nearby", "name", "id"])
def test_a_not_is_read_wherever_it_stands(version: LoadedVersion, key: str) -> None:
    known = Lexicon.model_validate({"exact": dict.fromkeys(("authorized to work", "not authorized to work"), "work-authorization")})
    box = {"selector": "#box", "type": "checkbox"}

    for text, expected in (("Authorized to work", {"#box"}), ("Not authorized to work", set())):
        assert ticked(replace(version, lexicon=known), PROFILE, [{**box, key: text}]) == expected
