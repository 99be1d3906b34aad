"""The `autocomplete` attribute: parsed as the standard says, and believed where nothing contradicts it."""

import json

import pytest

from fieldwise_common.decision_log import field_cell
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.autocomplete import attributes, by_autocomplete, token
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon

LEXICON = Lexicon(
    exact={
        "first name": "given-name",
        "last name": "family-name",
        "full name": "name",
        "email": "email",
        "e mail": "email",
        "password": "current-password",
        "country": "country",
        "state": "address-level1",
        "address": "street-address",
        "address line 1": "address-line1",
        "phone": "tel",
        "gift code": "none:coupon",
        "recipients name": "none:gift-recipient",
        "spouse name": "none:gift-recipient",
        "tax number": "none:tax-id",
        "card number": "cc-number",
    }
)
STATES = [{"value": code, "text": name} for code, name in (("ME", "Maine"), ("MD", "Maryland"), ("MA", "Massachusetts"))]
DIAL_CODES = [
    {"value": code, "text": f"{name} (+{number})"} for code, name, number in (("US", "USA", 1), ("FR", "France", 33), ("DE", "Germany", 49))
]
COUNTRIES = [{"value": code, "text": name} for code, name in (("US", "USA"), ("FR", "France"), ("DE", "Germany"))]
MONTHS = [{"value": f"{number}", "text": f"{number:02}"} for number in range(1, 13)]
YEARS = [{"value": f"{number}", "text": f"{number}"} for number in range(1990, 2010)]


def views(*fields: dict[str, object]) -> list[FieldView]:
    return [FieldView(FieldDescriptor.model_validate({"selector": f"#f{number}", **field})) for number, field in enumerate(fields)]


def contradictions(*fields: dict[str, object]) -> list[str | None]:
    """What contradicts the attribute of each field; None for a field without one."""
    return [None if found is None else found.contradiction for found in attributes(views(*fields), LEXICON)]


@pytest.mark.parametrize(
    ("attribute", "found"),
    [
        ("given-name", "given-name"),
        ("GIVEN-NAME", "given-name"),
        ("section-gift shipping address-line1", "address-line1"),
        ("billing home tel", "tel"),
        ("country-name", "country"),
        ("username webauthn", "username"),
        ("fax tel", None),
        ("off", None),
        ("on", None),
        ("nope", None),
        ("", None),
        ("given-name something", None),
    ],
)
def test_an_attribute_is_parsed_as_the_standard_specifies(attribute: str, found: str | None) -> None:
    assert token(attribute) == found


def test_a_valid_attribute_decides() -> None:
    [ruling] = by_autocomplete(views({"type": "text", "label": "Something else", "autocomplete": "postal-code"}), LEXICON)

    assert ruling is not None
    assert (ruling.outcome, ruling.canonical, ruling.signals) == ("accepted", "postal-code", ("autocomplete:postal-code",))


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [("text", "new-password"), ("password", "email"), ("checkbox", "name"), ("radio", "tel")],
)
def test_the_type_contradicts_an_attribute(kind: str, attribute: str) -> None:
    form = views({"type": kind, "autocomplete": attribute})

    assert by_autocomplete(form, LEXICON) == [None]
    assert contradictions({"type": kind, "autocomplete": attribute}) == ["type"]


@pytest.mark.parametrize(
    ("field", "contradiction"),
    [
        ({"label": "Last name", "autocomplete": "given-name"}, "label=family-name"),
        ({"placeholder": "Last name", "autocomplete": "given-name"}, "placeholder=family-name"),
        ({"name": "lastName", "autocomplete": "given-name"}, "name=family-name"),
        ({"id": "last_name", "autocomplete": "given-name"}, "id=family-name"),
        ({"label": "Gift code", "autocomplete": "cc-number"}, "label=none:coupon"),
        ({"label": "Phone", "name": "spouseName", "autocomplete": "tel"}, "name=none:gift-recipient"),
        ({"label": "First name", "autocomplete": "name"}, "label=given-name"),
    ],
)
def test_a_text_that_means_something_else_contradicts_an_attribute(field: dict[str, object], contradiction: str) -> None:
    assert contradictions({"type": "text", **field}) == [contradiction]


@pytest.mark.parametrize(
    "field",
    [
        {"label": "First name", "autocomplete": "given-name"},
        {"label": "Full name", "autocomplete": "given-name"},  # the label names the whole
        {"label": "Address", "autocomplete": "address-line1"},
        {"label": "Phone", "autocomplete": "tel-national"},
        {"label": "Address line 1", "autocomplete": "street-address"},
        {"name": "first_name", "autocomplete": "name"},  # names are less exact than labels
        {"label": "Email", "autocomplete": "username"},
        {"label": "Password", "type": "password", "autocomplete": "new-password"},
        {"label": "First name", "name": "last_name", "autocomplete": "given-name"},  # the label is more reliable than the name
        {"label": "First name", "autocomplete": "cc-given-name"},
        {"label": "Card number", "name": "tax_number", "autocomplete": "cc-number"},
    ],
)
def test_a_text_that_means_the_same_or_the_whole_does_not_contradict(field: dict[str, object]) -> None:
    assert contradictions({"type": "text", **field}) == [""]


@pytest.mark.parametrize(
    ("attribute", "options", "contradiction"),
    [
        ("address-level4", STATES, "options"),
        ("address-level2", STATES, "options"),
        ("address-level1", STATES, ""),
        ("country", DIAL_CODES, "options"),
        ("country", COUNTRIES, ""),
        ("tel-country-code", COUNTRIES, "options"),
        ("tel-country-code", DIAL_CODES, ""),
        ("bday-month", YEARS, "options"),
        ("bday-year", YEARS, ""),
        ("bday-month", MONTHS, ""),
        ("bday", MONTHS, "options"),
        ("bday", YEARS, "options"),
        ("bday-year", [{"value": month, "text": month} for month in ("May", "June", "July")], "options"),
    ],
)
def test_the_options_of_another_question_contradict_an_attribute(attribute: str, options: list[object], contradiction: str) -> None:
    assert contradictions({"type": "select", "autocomplete": attribute, "options": options}) == [contradiction]


def test_the_options_that_the_log_leaves_out_decide_nothing() -> None:
    many = {"type": "select", "autocomplete": "country", "options": [*COUNTRIES * 5, *DIAL_CODES * 20]}
    logged = json.loads(field_cell(FieldDescriptor.model_validate({"selector": "#a", **many})))

    assert contradictions(many) == contradictions(logged) == [""]


def test_an_attribute_that_two_neighbours_have_is_that_of_the_one_whose_label_agrees() -> None:
    found = contradictions(
        {"type": "text", "label": "First name", "autocomplete": "given-name"},
        {"type": "text", "label": "Rufzeichen", "autocomplete": "given-name"},
    )

    assert found == ["", "neighbour"]


def test_an_attribute_is_not_believed_where_a_field_nearby_has_its_label() -> None:
    """A dial-code select marked `country` must not silence the country."""
    found = contradictions(
        {"type": "select", "label": "Prefix", "autocomplete": "country"},
        {"type": "tel", "label": "Phone", "autocomplete": "tel"},
        {"type": "select", "label": "Country"},
    )

    assert found == ["neighbour", "", None]


@pytest.mark.parametrize(
    "apart",
    [
        ({"section": "Billing address"}, {"section": "Shipping address"}),
        ({"autocomplete": "billing country"}, {"autocomplete": "shipping country"}),
        ({"name": "billing_c"}, {"name": "shipping_c"}),
        ({"form": "a"}, {"form": "b"}),
        ({"frame": "a"}, {"frame": "b"}),
    ],
)
def test_fields_that_the_page_keeps_apart_are_no_neighbours(apart: tuple[dict[str, object], ...]) -> None:
    assert contradictions(*({"type": "select", "label": "Land", "autocomplete": "country", **field} for field in apart)) == ["", ""]


def test_confirmations_may_share_an_attribute() -> None:
    fields = ({"type": "email", "label": text, "autocomplete": "email"} for text in ("E-mail", "Wiederholung"))

    assert contradictions(*fields) == ["", ""]
