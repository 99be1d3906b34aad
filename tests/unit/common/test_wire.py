import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fieldwise_common.wire import (
    MAX_FIELDS,
    ClassifyRequest,
    FeedbackRequest,
    FieldDescriptor,
    FillRequest,
    Match,
    MlClassifyResponse,
    dump,
    first_by_selector,
)
from fieldwise_common.wire_types import MAX_TEXT


def field(**keys: Any) -> FieldDescriptor:
    return FieldDescriptor.model_validate({"selector": "#a", **keys})


def test_only_a_selector_is_required_of_a_field() -> None:
    assert field() == FieldDescriptor(selector="#a")


@pytest.mark.parametrize("selector", [None, "", "  ", "\x00", {}, []])
def test_a_field_without_a_selector_is_refused(selector: object) -> None:
    with pytest.raises(ValidationError) as refused:
        ClassifyRequest.model_validate({"fields": [{"selector": selector}]})

    assert refused.value.errors()[0]["loc"][:3] == ("fields", 0, "selector")


def test_unknown_keys_and_values_are_dropped() -> None:
    described = field(value="tell-nobody", checked=True)

    assert "tell-nobody" not in str(dump(described))


def test_texts_are_truncated_trimmed_and_cleaned() -> None:
    described = field(label="x" * 10_000, name=" a\x00b ", id=7, placeholder="\ud83d", type=None, autocomplete=True)

    assert len(described.label) == MAX_TEXT
    assert (described.name, described.id, described.placeholder, described.type, described.autocomplete) == ("ab", "7", "?", "", "True")


@pytest.mark.parametrize(
    ("maxlength", "read"),
    [(10, 10), ("10", 10), (10.0, 10), (-1, None), (0, None), ("", None), ("many", None), ("9" * 20, None), (True, None), (None, None)],
)
def test_a_maxlength_is_a_positive_number_or_none(maxlength: object, read: int | None) -> None:
    assert field(maxlength=maxlength).maxlength == read


@pytest.mark.parametrize("maxlength", [float("nan"), float("inf"), float("-inf")])
def test_an_invalid_maxlength_is_none(maxlength: float) -> None:
    assert field(maxlength=maxlength).maxlength is None


@pytest.mark.parametrize(
    ("required", "read"),
    [(True, True), ("", True), ("required", True), ("false", False), ("0", False), ("No", False), (None, False), (0, False), (1, True)],
)
def test_a_flag_is_read_as_a_boolean_attribute_of_html(required: object, read: bool) -> None:
    assert field(required=required).required is read


def test_options_may_be_bare_texts() -> None:
    described = field(options=["one", 2, None, {"value": 3, "text": None}, {"text": "four", "selected": True}])

    assert [(o.value, o.text) for o in described.options] == [("one", "one"), ("2", "2"), ("3", ""), ("", "four")]
    assert field(options=None).options == ()


@pytest.mark.parametrize(
    "keys",
    [
        {"label": {}},
        {"label": ["x"]},
        {"label": 10**400},
        {"options": "one"},
        {"options": [[], 5.5, True, {}][:1]},
        {"required": {}},
        {"maxlength": 10**400},
        {"maxlength": "9" * 400},
    ],
)
def test_values_of_a_wrong_type_count_as_absent(keys: dict[str, Any]) -> None:
    assert field(**keys) == field()


def test_an_option_may_be_a_pair_of_value_and_text() -> None:
    assert [(o.value, o.text) for o in field(options=[["US", "United States"]]).options] == [("US", "United States")]


def test_selectors_and_option_values_are_not_changed() -> None:
    selector = "form > " + "div:nth-child(2) > " * 60 + "input "

    described = FieldDescriptor.model_validate({"selector": selector, "options": [{"value": " a ", "text": " A "}]})

    assert described.selector == selector
    assert [(o.value, o.text) for o in described.options] == [(" a ", "A")]


def test_a_null_in_a_match_counts_as_absent() -> None:
    nulls = {"score": None, "field": None, "confidence_signals": None, "method": None}

    assert Match.model_validate({"selector": "#a", "canonical": "email", **nulls}) == Match(selector="#a", canonical="email")


@pytest.mark.parametrize("page", [None, "https://shop.example", 5, [], {"origin": None}])
def test_an_invalid_page_is_ignored(page: object) -> None:
    assert ClassifyRequest.model_validate({"fields": [{"selector": "#a"}], "page": page}).page.origin == ""


@pytest.mark.parametrize("fields", [None, [], "all", {}, [{"selector": "a"}] * (MAX_FIELDS + 1), [None], ["#a"]])
def test_fields_must_be_a_list_of_one_to_three_hundred_fields(fields: object) -> None:
    with pytest.raises(ValidationError) as refused:
        ClassifyRequest.model_validate({"fields": fields})

    assert refused.value.errors()[0]["loc"][0] == "fields"


def test_a_page_may_be_absent() -> None:
    pages: list[dict[str, Any]] = [{}, {"page": None}, {"page": {}}, {"page": {"origin": None, "title": "x"}}]

    for page in pages:
        assert ClassifyRequest.model_validate({"fields": [{"selector": "#a"}], **page}).page.origin == ""


def test_the_slice_of_a_field_holds_what_filling_needs() -> None:
    described = field(type="select-one", label="Country", options=["DE"], pattern="..", maxlength=2, placeholder="?", name="c", id="i")

    assert dump(described.slice()) == {
        "type": "select-one",
        "label": "Country",
        "options": [{"value": "DE", "text": "DE"}],
        "pattern": "..",
        "maxlength": 2,
        "placeholder": "?",
    }


def test_of_fields_with_the_same_selector_the_first_is_used() -> None:
    fields = (field(label="1"), field(selector="#b"), field(label="2"))

    assert [(s, f.label) for s, f in first_by_selector(fields).items()] == [("#a", "1"), ("#b", "")]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), "high", {}])
def test_a_score_is_a_finite_number(score: object) -> None:
    with pytest.raises(ValidationError):
        FillRequest.model_validate({"matches": [{"selector": "#a", "canonical": "email", "score": score}]})


def test_a_match_survives_a_round_trip_through_the_client() -> None:
    match = Match(selector="#a", canonical="email", score=0.5, confidence_signals=("label",), field=field(type="email").slice())

    assert Match.model_validate(json.loads(json.dumps(dump(match)))) == match


def test_feedback_drops_the_value_and_has_two_verdicts() -> None:
    given_feedback = {"selector": "#a", "canonical": "email", "feedback": "correct", "value": "tell-nobody", "url": None}

    assert "tell-nobody" not in str(dump(FeedbackRequest.model_validate(given_feedback)))
    with pytest.raises(ValidationError):
        FeedbackRequest.model_validate({**given_feedback, "feedback": "maybe"})


def test_a_decision_of_inference_must_be_one_of_the_known_outcomes() -> None:
    with pytest.raises(ValidationError):
        MlClassifyResponse.model_validate({"matches": [], "model_version": "v", "decisions": [{"decision": "perhaps"}]})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "text", "selector", "label"]), inner, max_size=3),
    max_leaves=8,
)


@given(label=ANYTHING, maxlength=ANYTHING, required=ANYTHING, options=ANYTHING)
def test_any_field_is_parsed_or_refused_and_serialised_as_json(label: object, maxlength: object, required: object, options: object) -> None:
    try:
        described = field(label=label, maxlength=maxlength, required=required, options=options)
    except ValidationError:
        return

    assert json.dumps(dump(described), allow_nan=False).encode("utf-8")
