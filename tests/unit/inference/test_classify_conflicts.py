"""Contradictions between the decisions about fields that are near each other."""

import pytest

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.conflicts import settle
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling


def settled(*decided: tuple[dict[str, object], str, str]) -> list[tuple[str, str]]:
    """(id, outcome) of each field. `decided`: its keys, its accepted id, the method."""
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#{number}", **keys})) for number, (keys, _, _) in enumerate(decided)]
    rulings = [Ruling("accepted", method, canonical, 0.9, 0.7) for _, canonical, method in decided]  # type: ignore[arg-type]
    return [(ruling.canonical, ruling.outcome) for ruling in settle(views, rulings)]


def test_of_two_fields_nearby_with_one_id_the_better_evidence_counts() -> None:
    assert settled(({}, "postal-code", "autocomplete"), ({}, "postal-code", "ranker"))[1] == ("postal-code", "unsure")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"section": "Billing"}, {"section": "Shipping"}),
        ({"name": "billing_zip"}, {"name": "shippingZip"}),
        ({"autocomplete": "section-a postal-code"}, {"autocomplete": "section-b postal-code"}),
        ({"form": "log-in"}, {"form": "sign-up"}),
        ({"entry": 1}, {"entry": 2}),
    ],
)
def test_fields_that_the_page_keeps_apart_do_not_contradict_each_other(one: dict[str, object], other: dict[str, object]) -> None:
    assert settled((one, "postal-code", "autocomplete"), (other, "postal-code", "ranker"))[1] == ("postal-code", "accepted")


def test_what_is_known_of_one_field_only_keeps_none_apart() -> None:
    found = settled(({"section": "Billing"}, "postal-code", "autocomplete"), ({}, "postal-code", "ranker"))

    assert found[1] == ("postal-code", "unsure")


def test_an_address_before_a_second_line_is_the_first_line() -> None:
    second: tuple[dict[str, object], str, str] = ({}, "address-line2", "ranker")

    assert settled(({"type": "text"}, "street-address", "ranker"), second)[0][0] == "address-line1"
    assert settled(({"type": "textarea"}, "street-address", "ranker"), second)[0][0] == "street-address"
    assert settled(({"type": "text"}, "street-address", "autocomplete"), second)[0][0] == "street-address"
