"""What a user does not see, or is asked to leave empty, is never filled, whatever its names and attributes say."""

from dataclasses import replace

import pytest
from tests.support.deciding import SYNONYMS, a_version, decide

from fieldwise_common.wire import Decision
from fieldwise_inference.classify.lexicon import Lexicon

TRAPS = {**SYNONYMS, "leave this field empty": "none:trap", "bitte leer lassen": "none:trap", "honeypot": "none:trap"}


def decided(*fields: dict[str, object]) -> list[Decision]:
    return decide(*fields, version=replace(a_version(), lexicon=Lexicon(exact=TRAPS)))


@pytest.mark.parametrize(
    "field",
    [
        {"label": "First name", "autocomplete": "given-name", "name": "first_name"},
        {"type": "checkbox", "label": "Are you authorized to work"},
        {"type": "email", "label": "Email address", "required": True},
        {},
    ],
)
def test_a_field_that_is_not_visible_is_ignored(field: dict[str, object]) -> None:
    [decision] = decided({**field, "visible": False})

    assert (decision.decision, decision.confidence_signals) == ("ignored", ("not-visible",))


def test_a_field_that_is_not_visible_does_not_mislead_about_those_beside_it() -> None:
    fields: list[dict[str, object]] = [{"label": "First name"}, {"label": "quantum flux capacitor"}]
    unseen: list[dict[str, object]] = [{"visible": False, "label": "Email address"}, {"type": "hidden", "name": "email"}]

    alone = decided(*fields)
    between = decided(fields[0], *unseen, fields[1])

    assert [(made.predicted, made.score) for made in (between[0], between[3])] == [(made.predicted, made.score) for made in alone]


@pytest.mark.parametrize(
    "field",
    [
        {"label": "Leave this field empty"},
        {"placeholder": "Leave this field empty."},
        {"label": "Email address", "nearby": "Leave this field empty"},
        {"label": "Email address", "described_by": "Leave this field empty!"},
        {"label": "Email address", "title": "Bitte leer lassen"},
        {"label": "Leave this field empty if you are a person"},
        {"label": "Email address", "described_by": "Robots fill this in. Please leave this field empty"},
        {"label": "Email address", "name": "honeypot"},
        {"label": "Email address", "id": "email_honeypot"},
    ],
)
def test_a_field_that_asks_to_be_left_empty_is_nothing(field: dict[str, object]) -> None:
    [decision] = decided({"type": "text", "name": "email", "autocomplete": "email", **field})

    assert (decision.decision, decision.predicted) == ("nothing", "none:trap")


def test_a_hint_for_some_users_makes_no_trap() -> None:
    [decision] = decided({"type": "email", "label": "Email address", "described_by": "Please leave this field empty if you have none"})

    assert decision.predicted == "email"
