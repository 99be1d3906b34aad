"""Decisions by rules, in a version built without a ranker."""

from tests.support.deciding import a_version, decide

from fieldwise_common.wire import Decision


def by_rules(*fields: dict[str, object], **lexicon: object) -> list[Decision]:
    return decide(*fields, version=a_version(has_ranker=False, **lexicon))  # type: ignore[arg-type]


def test_an_exact_match_of_the_label_is_accepted_without_an_embedding() -> None:
    [decision] = by_rules({"label": "* First Name:"})

    assert (decision.decision, decision.predicted, decision.method, decision.score) == ("accepted", "given-name", "lexical-exact", 1.0)


def test_the_name_refines_the_label_to_a_part_of_it() -> None:
    month, whole = by_rules({"label": "Expiration date", "name": "exp_month"}, {"label": "Expiration date", "name": "x17"})

    assert (month.predicted, whole.predicted) == ("cc-exp-month", "cc-exp")
    assert "part-by-name" in month.confidence_signals


def test_a_misspelt_label_is_matched_fuzzily() -> None:
    [decision] = by_rules({"label": "Email adress"})

    assert (decision.predicted, decision.method) == ("email", "lexical-fuzzy")
    assert decision.threshold_used <= decision.score < 1


def test_a_label_near_a_synonym_is_matched_by_cosine() -> None:
    [decision] = by_rules({"label": "your full legal name", "type": "text"}, exact={"zzzzzz": "name"})

    assert (decision.method, decision.predicted) == ("semantic", "name")
    assert any(signal.startswith("nearest:") for signal in decision.confidence_signals)


def test_a_label_unlike_any_synonym_is_unsure() -> None:
    [decision] = by_rules({"label": "quantum flux capacitor"})

    assert decision.decision == "unsure"


def test_a_checkbox_gets_only_yes_or_no_ids() -> None:
    name, authorized = by_rules({"type": "checkbox", "label": "First name"}, {"type": "checkbox", "label": "Are you authorized to work"})

    assert name.decision != "accepted"
    assert (authorized.decision, authorized.predicted) == ("accepted", "work-authorization")
