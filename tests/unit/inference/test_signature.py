import pytest

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import Signature, parse_signature, signatures

SITE = "https://shop.example"
NEW_KEYS = (
    "group section form described_by nearby title visible readonly disabled filled checked multiple inputmode min max step lang frame entry"
).split()
"""Not sent by clients of earlier releases, whose fields must be recognised when they begin to send them."""


def signed(*fields: dict[str, object], origin: str = SITE) -> list[Signature]:
    return signatures([FieldView(FieldDescriptor.model_validate({"selector": f"#{i}", **field})) for i, field in enumerate(fields)], origin)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": "input_48213", "label": "Phone"}, {"name": "input_90177", "label": "Phone"}),
        ({"name": "phone_1a2b3c4d", "label": "Phone"}, {"name": "phone_99ffee01", "label": "Phone"}),
        ({"id": "3f2a9c11-88aa-4b1e-abcd-0123456789ab-phone"}, {"id": "77de0a42-10ab-4c9f-beef-ba9876543210-phone"}),
        ({"id": ":r1a:", "name": "phone"}, {"id": ":rb:", "name": "phone"}),
        ({"name": "field_7", "label": "Phone"}, {"name": "field_8", "label": "Phone"}),
        ({"name": "phone", "id": "mui-12"}, {"name": "phone", "id": "mui-19"}),
        ({"name": "phone", "label": "Phone *"}, {"name": "phone", "label": "phone"}),
        ({"name": "phone", "label": "Phone", "selector": "#a"}, {"name": "phone", "label": "Phone", "selector": "#zz"}),
        ({"name": "phone", "type": "select"}, {"name": "phone", "type": "select-one"}),
        ({"name": "phone", "type": "text"}, {"name": "phone"}),
        ({"name": "phone", "required": True, "maxlength": 20}, {"name": "phone", "maxlength": 24}),
        ({"name": "phone"}, {"name": "phone", **dict.fromkeys(NEW_KEYS, "x")}),
        ({"label": "Phone"}, {"label": "Phone", **dict.fromkeys(NEW_KEYS, "x")}),
    ],
)
def test_what_changes_from_visit_to_visit_does_not_change_the_signature(before: dict[str, object], after: dict[str, object]) -> None:
    assert signed(before) == signed(after)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "phone"}, {"name": "mobile"}),
        ({"name": "addr1"}, {"name": "addr2"}),
        ({"name": "phone", "label": "Phone"}, {"name": "phone", "label": "Office phone"}),
        ({"name": "phone", "type": "tel"}, {"name": "phone", "type": "select"}),
        ({"name": "phone", "autocomplete": "shipping tel"}, {"name": "phone", "autocomplete": "billing tel"}),
        ({"label": "Address line 1"}, {"label": "Address line 2"}),
    ],
)
def test_different_fields_have_different_signatures(one: dict[str, object], other: dict[str, object]) -> None:
    assert signed(one) != signed(other)


def test_fields_alike_are_told_apart_by_their_place() -> None:
    first, second, third = signed(*({"name": "phone[]", "label": "Phone"} for _ in range(3)))

    assert [s.place for s in (first, second, third)] == [0, 1, 2]
    assert len({str(s) for s in (first, second, third)}) == 3


def test_another_field_in_the_form_changes_no_signature_on_a_known_site() -> None:
    [alone] = signed({"name": "phone", "label": "Phone"})
    _, among = signed({"name": "email", "label": "E-mail"}, {"name": "phone", "label": "Phone"})

    assert alone == among


def test_without_an_origin_a_field_is_recognised_in_the_very_same_form_only() -> None:
    [alone] = signed({"name": "phone", "label": "Phone"}, origin="")
    [again] = signed({"name": "phone", "label": "Phone"}, origin="")
    _, among = signed({"name": "email", "label": "E-mail"}, {"name": "phone", "label": "Phone"}, origin="")

    assert alone == again
    assert (alone.names, alone.label) != (among.names, among.label)
    assert alone != signed({"name": "phone", "label": "Phone"})[0]


@pytest.mark.parametrize("name", ["", "field_12", "answers[3][text]", "q", "input-3f9a2c"])
def test_names_that_say_nothing_are_weak(name: str) -> None:
    assert signed({"name": name, "label": "Phone"})[0].is_weak is (name != "q")


def test_a_signature_is_read_back() -> None:
    [signature] = signed({"name": "phone", "label": "Phone"})

    assert parse_signature(str(signature)) == signature
    assert [parse_signature(text) for text in ("", "a-b", "a-b-c", "--0")] == [None, None, None, None]
