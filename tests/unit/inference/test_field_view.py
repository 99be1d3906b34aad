import pytest

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures


def view(**field: object) -> FieldView:
    return FieldView(FieldDescriptor.model_validate({"selector": "#a", **field}))


@pytest.mark.parametrize(
    ("field", "text", "source"),
    [
        ({"label": "First name", "nearby": "Above", "title": "Tip"}, "First name", "label"),
        ({"aria_label": "First name", "nearby": "Above"}, "First name", "aria-label"),
        ({"nearby": "First name", "placeholder": "Jane"}, "First name", "nearby"),
        ({"title": "First name", "name": "x"}, "First name", "title"),
        ({"placeholder": "First name", "name": "x"}, "First name", "placeholder"),
        ({"name": "firstName"}, "first name", "name"),
        ({"id": "firstName"}, "first name", "id"),
        ({}, "", "none"),
    ],
)
def test_the_first_text_that_names_the_field_is_its_text(field: dict[str, object], text: str, source: str) -> None:
    assert (view(**field).text, view(**field).text_source) == (text, source)


LEFT_OVER = ["*", ":", "+40", "+36 ▼", "(+421)", "v-if", "ng-bind", "[object Object]", "null", "NaN", "%s", "--"]
"""What templates and pickers leave where a label is missing."""


@pytest.mark.parametrize(
    "label",
    [
        *(*LEFT_OVER, "no-label", "Label", "field_3", "Field 12", "Untitled", "undefined", "Text field", "*", "Your input"),
        *("Required", "* Optional", "必須", "선택", "Obligatorisk", "valfri", "Wajib", "nicht erforderlich"),
    ],
)
def test_a_label_that_is_none_does_not_mute_the_name(label: str) -> None:
    assert view(label=label, name="first_name").text == "first name"


@pytest.mark.parametrize(
    "label",
    [
        *("No", "Field of study", "Text", "Label printer", "Your name", "3", "M", "v", "Null emission", "+40 123", "{{ first_name }}"),
        *("X-ray", "x-ray", "Data-protection", "V-neck", "Optional extras", "選択"),
    ],
)
def test_a_label_that_names_something_stays(label: str) -> None:
    assert view(label=label, name="first_name").text == label


@pytest.mark.parametrize("kind", ["radio", "checkbox"])
@pytest.mark.parametrize("answer", ["+1", "Null", "Optional", "Freiwillig"])
def test_an_answer_may_be_what_would_be_no_label(kind: str, answer: str) -> None:
    """Else nothing would tell which answer the radio is."""
    assert view(type=kind, label=answer, name="guests").given_label == answer


def test_a_field_is_recognised_by_the_label_as_it_stands() -> None:
    """Whatever it says, and whether or not the client tells what stands around it."""
    plain, muted = (signatures([view(label=label, name="q")], "https://a.example") for label in ("Field 1", "Field 2"))
    told = signatures([view(label="", name="q", nearby="First name")], "https://a.example")

    assert plain != muted
    assert told == signatures([view(label="", name="q")], "https://a.example")


@pytest.mark.parametrize(
    ("field", "near"),
    [
        ({"label": "Yes", "group": "Do you need a visa?", "nearby": "Visa"}, "do you need a visa"),
        ({"label": "Name", "nearby": "As on your passport", "described_by": "Help"}, "as on your passport"),
        ({"label": "Name", "nearby": "Name", "described_by": "As on your passport"}, "as on your passport"),
        ({"nearby": "Name"}, ""),
    ],
)
def test_what_stands_beside_the_label_is_read_apart_from_it(field: dict[str, object], near: str) -> None:
    assert view(**field).near == near
