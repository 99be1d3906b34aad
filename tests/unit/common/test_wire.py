import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fieldwise_common.wire import (
    MAX_FIELDS,
    ClassifyRequest,
    ClassifyResponse,
    FeedbackRequest,
    FieldDescriptor,
    Fill,
    FillRequest,
    Match,
    MlClassifyRequest,
    MlClassifyResponse,
    MlFillRequest,
    dump,
    first_by_selector,
)
from fieldwise_common.wire_fields import SPELLINGS
from fieldwise_common.wire_types import MAX_TEXT, MAX_WORD


def field(**keys: Any) -> FieldDescriptor:
    return FieldDescriptor.model_validate({"selector": "#a", **keys})


def test_only_a_selector_is_required_of_a_field() -> None:
    assert field() == FieldDescriptor(selector="#a")


@pytest.mark.parametrize(
    "unreadable", [{}, {"selector": None}, {"selector": ""}, {"selector": "  "}, {"selector": "\x00"}, {"selector": {}}, {"selector": []}]
)
def test_a_field_without_a_selector_is_ignored_and_counted(unreadable: object) -> None:
    request = ClassifyRequest.model_validate({"fields": [{"selector": "#a"}, unreadable, {"selector": "#b"}]})

    assert ([f.selector for f in request.fields], request.ignored) == (["#a", "#b"], 1)


@pytest.mark.parametrize("unreadable", [None, "#a", 5, [], ["#a"]])
def test_a_field_that_is_not_an_object_is_ignored_and_counted(unreadable: object) -> None:
    request = ClassifyRequest.model_validate({"fields": [unreadable, unreadable]})

    assert (request.fields, request.ignored) == ((), 2)


def test_the_backend_passes_on_how_many_fields_it_ignored() -> None:
    request = ClassifyRequest.model_validate({"fields": [None]})

    sent = dump(MlClassifyRequest(fields=request.fields, ignored=request.ignored))

    assert MlClassifyRequest.model_validate(sent).ignored == 1


def many(count: int, **keys: Any) -> list[dict[str, Any]]:
    return [{"selector": f"#f{number}", **keys} for number in range(count)]


def test_of_more_than_three_hundred_fields_the_first_are_read() -> None:
    request = ClassifyRequest.model_validate({"fields": many(515)})

    assert [f.selector for f in request.fields] == [f"#f{number}" for number in range(MAX_FIELDS)]
    assert request.ignored == 515 - MAX_FIELDS


@pytest.mark.parametrize(
    "useless",
    [
        {"type": "hidden"},
        {"type": "submit"},
        {"type": "BUTTON"},
        {"readonly": True},
        {"readOnly": ""},
        {"disabled": True},
        {"visible": False},
        {"selector": "#f0"},
    ],
)
def test_of_more_than_three_hundred_fields_those_that_may_be_filled_are_read_in_page_order(useless: dict[str, Any]) -> None:
    first, *others = many(MAX_FIELDS)
    fields = [first, *({"selector": f"#u{number}", **useless} for number in range(50)), *others]

    request = ClassifyRequest.model_validate({"fields": fields})

    assert [f.selector for f in request.fields] == [f["selector"] for f in (first, *others)]
    assert request.ignored == 50


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


@pytest.mark.parametrize("fields", [None, [], "all", {}, 5])
def test_fields_must_be_a_list_of_at_least_one_field(fields: object) -> None:
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


@pytest.mark.parametrize(("key", "spelling"), [(key, spelling) for key, others in SPELLINGS.items() for spelling in others])
def test_a_key_may_be_spelt_as_in_the_dom(key: str, spelling: str) -> None:
    value = {"maxlength": 7, "readonly": True, "visible": False}.get(key, "x")

    described = field(**{spelling: value})

    assert getattr(described, key) == value
    assert dump(described) == {"selector": "#a", key: value}  # and is passed on by its own name
    assert field(**{key: None, spelling: value}) == described


@pytest.mark.parametrize(("key", "spelling"), [("maxlength", "maxLength"), ("aria_label", "ariaLabel"), ("autocomplete", "autoComplete")])
def test_of_two_spellings_our_own_is_read(key: str, spelling: str) -> None:
    assert field(**{spelling: "1", key: "2"}) == field(**{key: "2"})


@pytest.mark.parametrize(
    ("keys", "read"),
    [
        ({"section": "x" * 10_000}, {"section": "x" * MAX_TEXT}),
        ({"group": "Do you agree?", "type": "text"}, {"group": "Do you agree?", "type": "text"}),
        ({"entry": -1}, {}),
        ({"entry": 0}, {}),
        ({"entry": "2"}, {"entry": 2}),
        ({"entry": 10**9}, {}),
        ({"entry": [1]}, {}),
        ({"min": 0, "max": 99, "step": 0.5}, {"min": "0", "max": "99", "step": "0.5"}),
        ({"min": float("nan"), "max": float("inf"), "step": {}}, {}),
        ({"min": "2026-01-01", "max": "x" * 500}, {"min": "2026-01-01", "max": "x" * MAX_WORD}),
        ({"visible": None}, {}),
        ({"visible": {}}, {}),
        ({"visible": "yes"}, {}),
        ({"visible": "false"}, {"visible": False}),
        ({"visible": 0}, {"visible": False}),
        ({"readonly": "", "disabled": "disabled", "multiple": None}, {"readonly": True, "disabled": True}),
        ({"filled": "what was typed"}, {"filled": True}),
        ({"lang": ["de"], "inputmode": {}, "frame": [], "form": {}, "title": 5}, {"title": "5"}),
        ({"frame": "https://pay.example/card?session=1"}, {"frame": "https://pay.example"}),
        ({"frame": "//pay.example/card?session=1", "form": "../users/7?token=1"}, {}),
        ({"frame": "data:text/html,Ann", "form": "?token=1"}, {}),
        ({"form": "https://ada:secret@shop.example/u/ada"}, {"form": "https://shop.example"}),
        ({"form": "Who are you?", "frame": "checkout:2"}, {"form": "Who are you?", "frame": "checkout:2"}),
    ],
)
def test_every_key_is_read_leniently(keys: dict[str, Any], read: dict[str, Any]) -> None:
    assert dump(field(**keys)) == {"selector": "#a", **read}


def test_the_question_of_a_match_is_not_the_clients_to_set() -> None:
    assert field(question="mine").slice().question == ""


def test_new_keys_are_in_a_response_only_if_they_say_something() -> None:
    match = Match(selector="#a", canonical="email", field=field(label="E-mail").slice())
    filled = Fill(selector="#a", canonical="email", value="a@b.c", confidence="high")

    old = {"type", "options", "pattern", "placeholder", "label", "selector", "name", "id", "autocomplete", "required", "aria_label"}
    assert set(field().model_dump(exclude_none=True)) == old
    assert set(match.model_dump(exclude_none=True)["field"]) == {"type", "options", "pattern", "placeholder", "label"}
    assert set(filled.model_dump(exclude_none=True)) == {"selector", "canonical", "value", "confidence", "decision_id", "action"}
    assert "ignored" not in ClassifyResponse(matches=(), model_version="v").model_dump()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("Ada", "Ada"),
        (True, "Yes"),
        (False, "No"),
        (28, "28"),
        (28.0, "28"),
        (2.5, "2.5"),
        (6175550134, "6175550134"),
        (float("nan"), ""),
        ("a\ud800\x00", "a?"),
    ],
)
def test_a_flat_profile_may_hold_any_scalar(value: object, read: str) -> None:
    assert MlFillRequest.model_validate({"matches": [], "user_profile": {"age": value}}).user_profile == {"age": read}


def test_a_null_in_a_flat_profile_counts_as_absent() -> None:
    assert MlFillRequest.model_validate({"matches": [], "user_profile": {"age": None}}).user_profile == {}


@pytest.mark.parametrize("value", [[], ["a"], {}])
def test_a_value_of_a_flat_profile_that_is_not_a_scalar_is_refused(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        MlFillRequest.model_validate({"matches": [], "user_profile": {"age": value}})

    assert refused.value.errors()[0]["loc"] == ("user_profile", "age")


@pytest.mark.parametrize("verdict", ["correct", "Correct", " INCORRECT "])
def test_feedback_is_read_in_any_case(verdict: str) -> None:
    given_feedback = FeedbackRequest.model_validate({"selector": "#a", "canonical": "first_name", "feedback": verdict})

    assert given_feedback.feedback == verdict.strip().lower()


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


@given(keys=st.dictionaries(st.sampled_from(sorted(FieldDescriptor.model_fields)), ANYTHING), selector=ANYTHING)
def test_any_field_is_parsed_or_ignored_and_serialised_as_json(keys: dict[str, object], selector: object) -> None:
    request = ClassifyRequest.model_validate({"fields": [{**keys, "selector": selector}]})

    assert len(request.fields) + request.ignored == 1
    assert json.dumps(dump(request), allow_nan=False).encode("utf-8")
