from dataclasses import replace

import pytest
from tests.support.deciding import a_version, decide
from tests.support.tiny_ranker import tiny_ranker

from fieldwise_common.wire import Decision, MlClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.lexicon import Lexicon


@pytest.mark.parametrize("kind", ["hidden", "submit", "button", "image", "reset", "file", "HIDDEN"])
def test_fields_of_a_type_that_is_never_filled_are_ignored(kind: str) -> None:
    [decision] = decide({"type": kind, "label": "First name"})

    assert (decision.decision, decision.method) == ("ignored", "type")


def test_a_search_box_is_decided_as_nothing() -> None:
    [decision] = decide({"type": "search", "label": "First name"})

    assert (decision.decision, decision.predicted) == ("nothing", "none:search")


def test_a_valid_autocomplete_attribute_decides_about_a_label_that_is_not_known() -> None:
    [decision] = decide({"type": "text", "label": "quantum flux capacitor", "autocomplete": "family-name"})

    assert (decision.predicted, decision.method) == ("family-name", "autocomplete")


def test_an_autocomplete_attribute_that_the_label_contradicts_is_evidence_only() -> None:
    [decision] = decide({"type": "text", "label": "First name", "autocomplete": "family-name"})

    assert (decision.predicted, decision.method) == ("given-name", "ranker")
    assert {"autocomplete:family-name", "contradicted-by:label=given-name"} <= set(decision.confidence_signals)


def test_a_label_that_is_a_negative_synonym_is_decided_as_nothing() -> None:
    [decision] = decide({"label": "Search this site"})

    assert (decision.decision, decision.predicted) == ("nothing", "none")


def test_a_label_unlike_any_synonym_is_unsure() -> None:
    [decision] = decide({"label": "quantum flux capacitor"})

    assert decision.decision == "unsure"


def test_a_field_without_any_text_is_unsure() -> None:
    [decision] = decide({"type": "text"})

    assert (decision.decision, decision.confidence_signals) == ("unsure", ("no-text",))


def test_a_checkbox_gets_only_yes_or_no_ids() -> None:
    name, authorized = decide({"type": "checkbox", "label": "First name"}, {"type": "checkbox", "label": "Are you authorized to work"})

    assert name.decision != "accepted"
    assert (authorized.decision, authorized.predicted) == ("accepted", "work-authorization")


def test_two_password_fields_in_a_row_are_a_new_password() -> None:
    first, second = decide({"type": "password", "label": "Password"}, {"type": "password", "label": "Password"})

    assert (first.predicted, second.predicted) == ("new-password", "new-password")


def test_of_fields_with_the_same_selector_the_first_is_classified() -> None:
    request = MlClassifyRequest.model_validate(
        {"fields": [{"selector": "#a", "label": "First name"}, {"selector": "#a", "label": "Last name"}]}
    )

    response = classify(a_version(), request)

    assert [m.canonical for m in response.matches] == ["given-name"]
    assert [d.decision for d in response.decisions] == ["accepted", "ignored"]


@pytest.mark.parametrize("has_ranker", [True, False])
def test_a_form_of_which_no_field_can_be_read_is_classified(has_ranker: bool) -> None:
    response = classify(a_version(has_ranker), MlClassifyRequest.model_validate({"fields": [{}, None]}))

    assert (response.matches, response.decisions, response.ignored) == ((), (), 2)


def test_every_field_gets_exactly_one_decision() -> None:
    kinds = [{"label": "First name"}, {"type": "hidden"}, {"label": "zzz qqq"}, {"label": "Search this site"}, {}]

    decisions = decide(*kinds)

    assert [d.selector for d in decisions] == [f"#f{i}" for i in range(len(kinds))]
    assert len({d.decision_id for d in decisions}) == len(kinds)


def test_unusual_texts_are_handled() -> None:
    decisions = decide(
        {"label": "😀" * 50},
        {"label": "‮" + "מייל"},
        {"label": "a\x00b"},
        {"label": "x" * 10_000},
        {"label": "Email address\x00", "maxlength": -1},
    )

    assert decisions[-1].predicted == "email"
    assert all(len(d.label) <= 512 for d in decisions)


def test_a_label_that_is_in_the_lexicon_is_accepted() -> None:
    [decision] = decide({"label": "* First Name:"})

    assert (decision.decision, decision.predicted, decision.method) == ("accepted", "given-name", "ranker")
    assert decision.confidence_signals == ("lexical:label=given-name",)
    assert decision.threshold_used <= decision.score < 1


def test_a_label_near_a_synonym_is_accepted() -> None:
    [decision] = decide({"label": "your full legal name", "type": "text"}, version=a_version(exact={"zzzzzz": "name"}))

    assert (decision.decision, decision.predicted, decision.method) == ("accepted", "name", "ranker")
    assert decision.confidence_signals[0].startswith("near:name@")


@pytest.mark.parametrize(("cutoff", "is_evidence"), [(0.9, True), (0.99, False)])
def test_a_fuzzy_match_is_evidence_if_it_reaches_the_cutoff(cutoff: float, is_evidence: bool) -> None:
    """The setting LEX_THRESHOLD has an effect: the encoder doesn't know `Tlephone`, only a fuzzy match in the lexicon finds it."""
    [decision] = decide({"label": "Tlephone"}, version=a_version(cutoff=cutoff))

    assert ("lexical:fuzzy=tel" in decision.confidence_signals) is is_evidence
    assert (decision.predicted == "tel") is is_evidence


@pytest.mark.parametrize(("minimum", "decision"), [(0.0, "accepted"), (0.5, "unsure")])
def test_a_budget_for_wrong_fills_lets_the_ranker_doubt_the_page(minimum: float, decision: str) -> None:
    version = a_version()
    ranker = version.thresholds.ranker.model_copy(update={"autocomplete": minimum})
    strict = replace(version, thresholds=version.thresholds.model_copy(update={"ranker": ranker}))

    doubted, agreed = decide(
        {"type": "text", "label": "quantum flux capacitor", "autocomplete": "family-name"},
        {"type": "text", "label": "Email address", "autocomplete": "email"},
        version=strict,
    )

    assert (doubted.decision, doubted.predicted, doubted.method) == (decision, "family-name", "autocomplete")
    assert ("ranker:doubts" in doubted.confidence_signals) is (decision == "unsure")
    assert agreed.decision == "accepted"


def test_what_the_page_declares_is_doubted_by_the_decimals_that_are_logged() -> None:
    """Processors differ in the seventh decimal: it decides nothing, and the log alone shows why a field was accepted."""
    version = a_version()

    def decided(minimum: float) -> Decision:
        ranker = version.thresholds.ranker.model_copy(update={"autocomplete": minimum})
        strict = replace(version, thresholds=version.thresholds.model_copy(update={"ranker": ranker}))
        return decide({"type": "text", "label": "quantum flux", "autocomplete": "family-name"}, version=strict)[0]

    score = decided(1.0).score

    assert 0 < score < 0.99
    assert decided(score + 0.00004).decision == "accepted"
    assert decided(score + 0.0001).decision == "unsure"


@pytest.mark.parametrize(("has_budget", "decision"), [(False, "accepted"), (True, "unsure")])
def test_a_password_box_between_two_ids_is_decided_unless_a_budget_was_counted_without(has_budget: bool, decision: str) -> None:
    version = a_version()
    texts = {"password": "current-password", "new password": "new-password"}
    strict = version.thresholds.ranker.model_copy(update={"default": 0.9})
    thresholds = version.thresholds.model_copy(update={"ranker": strict, "ranker_without_budget": strict if has_budget else None})
    undecided = replace(version, lexicon=Lexicon(exact=texts), ranker=tiny_ranker(texts.values()), thresholds=thresholds)

    [made] = decide({"type": "password", "label": "Password", "name": "x", "placeholder": "New password"}, version=undecided)

    assert (made.decision, made.predicted) == (decision, "current-password")
