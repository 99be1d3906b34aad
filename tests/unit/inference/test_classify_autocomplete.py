import pytest

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.autocomplete import by_autocomplete, token
from fieldwise_inference.classify.field_view import FieldView


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


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [("text", "new-password"), ("password", "email"), ("checkbox", "name"), ("radio", "tel")],
)
def test_an_attribute_that_the_type_contradicts_is_ignored(kind: str, attribute: str) -> None:
    view = FieldView(FieldDescriptor(selector="#a", type=kind, autocomplete=attribute))

    assert by_autocomplete(view) is None


def test_a_valid_attribute_decides() -> None:
    view = FieldView(FieldDescriptor(selector="#a", type="text", label="Something else", autocomplete="postal-code"))

    ruling = by_autocomplete(view)

    assert ruling is not None
    assert (ruling.outcome, ruling.canonical, ruling.signals) == ("accepted", "postal-code", ("autocomplete:postal-code",))
