"""`debug/threshold`: the live version's decision about a field, explained."""

import pytest
from tests.support.deciding import a_version, decide
from tests.support.explaining import ORIGIN, PASSWORD

from fieldwise_common.errors import InvalidRequest
from fieldwise_common.wire import MlClassifyRequest
from fieldwise_common.wire_explain import DebuggedField, MlThresholdRequest, ThresholdResponse
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.explain import MAX_CANDIDATES, explain_threshold


def explained(canonical: str = "", has_ranker: bool = True, **field: object) -> ThresholdResponse:
    request = MlThresholdRequest(field=DebuggedField.model_validate(field), canonical=canonical)
    return explain_threshold(a_version(has_ranker=has_ranker), request)


@pytest.mark.parametrize("has_ranker", [True, False])
@pytest.mark.parametrize(
    "field",
    [
        {"label": "First name"},
        {"label": "Tlephone"},
        {"label": "your full legal name", "type": "text"},
        {"label": "quantum flux capacitor"},
        {"label": "First name", "autocomplete": "family-name"},
        {"type": "hidden", "label": "First name"},
        {},
    ],
)
def test_the_decision_shown_is_the_decision_taken(field: dict[str, object], has_ranker: bool) -> None:
    shown = explained(has_ranker=has_ranker, **field).decision

    [taken] = decide(field, version=a_version(has_ranker=has_ranker))
    assert (shown.decision, shown.predicted, shown.method, shown.score, shown.threshold_used, shown.confidence_signals) == (
        taken.decision,
        taken.predicted,
        taken.method,
        taken.score,
        taken.threshold_used,
        taken.confidence_signals,
    )


def test_the_candidates_are_the_most_probable_ids_each_with_its_threshold() -> None:
    decision = explained(label="First name").decision

    assert len(decision.candidates) == MAX_CANDIDATES
    assert (decision.candidates[0].canonical, decision.candidates[0].score) == ("given-name", decision.score)
    assert [c.score for c in decision.candidates] == sorted((c.score for c in decision.candidates), reverse=True)
    assert {c.canonical: c.threshold_used for c in decision.candidates}["none"] == 0.6


def test_the_requested_id_is_among_the_candidates() -> None:
    assert explained("work-authorization", label="First name").decision.candidates[-1].canonical == "work-authorization"


def test_a_field_decided_by_autocomplete_has_no_candidates() -> None:
    assert explained(label="quantum flux capacitor", autocomplete="family-name").decision.candidates == ()


def test_without_a_ranker_the_candidates_are_the_nearest_ids() -> None:
    decision = explained(has_ranker=False, label="your full legal name").decision

    assert decision.method == "semantic"
    assert (decision.candidates[0].canonical, decision.candidates[0].threshold_used) == (decision.predicted, decision.threshold_used)


def test_the_field_is_returned_unchanged_but_without_its_value() -> None:
    field = {"label": "ZIP", "pattern": "[0-9]{5}", "options": [{"value": "a", "text": "A"}]}

    assert explained(**field, value="02128").field == field


def test_the_patterns_that_match_are_named() -> None:
    context = explained("postal-code", label="ZIP", pattern="[0-9]{5}").context

    assert context.pattern_matches == ("postal-code",)


def test_the_dynamic_threshold_names_every_adjustment() -> None:
    request = MlThresholdRequest(field=DebuggedField(label="e-mail", type="email", required=True), canonical="email")

    response = explain_threshold(a_version(), request)

    adjustments = sum(float(signal.split(":")[1]) for signal in response.confidence_signals)
    assert response.threshold == pytest.approx(response.base_threshold + adjustments)
    assert {s.split(":")[0] for s in response.confidence_signals} >= {"type_supports", "required"}
    assert (response.context.field_type, response.context.required) == ("email", True)


def test_without_a_requested_id_the_dynamic_threshold_is_that_of_the_nearest() -> None:
    response = explain_threshold(a_version(), MlThresholdRequest(field=DebuggedField(label="first name")))

    assert response.canonical == "given-name"


def test_a_field_is_explained_in_its_form_by_its_selector() -> None:
    form = {"fields": [{"selector": "#a", **PASSWORD}, {"selector": "#b", **PASSWORD}], "page": {"origin": ORIGIN}}

    found = explain_threshold(a_version(), MlThresholdRequest.model_validate({"field": {"selector": "#b"}, **form}))

    assert found.decision.predicted == "new-password"
    assert (found.field["label"], found.signature) == (
        "Password",
        classify(a_version(), MlClassifyRequest.model_validate(form)).decisions[1].signature,
    )


@pytest.mark.parametrize(
    ("field", "pointer"), [({"selector": "#nowhere"}, "/field/selector"), ({"label": "Password"}, "/field/selector"), (None, "/field")]
)
def test_a_field_that_is_not_of_the_form_is_refused(field: dict[str, str] | None, pointer: str) -> None:
    request = MlThresholdRequest.model_validate({"field": {}, "fields": [{"selector": "#a", **PASSWORD}]})
    asked = request.model_copy(update={"field": DebuggedField.model_validate(field) if field is not None else None})

    with pytest.raises(InvalidRequest) as refused:
        explain_threshold(a_version(), asked)

    assert refused.value.faults[0].pointer == pointer
