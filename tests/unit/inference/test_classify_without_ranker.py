"""The road of a version made without a ranker."""

from tests.support.deciding import a_version, decide

from fieldwise_common.wire import Decision


def by_rules(*fields: dict[str, object], **lexicon: object) -> list[Decision]:
    return decide(*fields, version=a_version(has_ranker=False, **lexicon))  # type: ignore[arg-type]


def test_an_exact_label_decides_without_an_embedding() -> None:
    [decision] = by_rules({"label": "* First Name:"})

    assert (decision.decision, decision.predicted, decision.method, decision.score) == ("accepted", "given-name", "lexical-exact", 1.0)


def test_the_name_says_which_part_of_what_the_label_names() -> None:
    month, whole = by_rules({"label": "Expiration date", "name": "exp_month"}, {"label": "Expiration date", "name": "x17"})

    assert (month.predicted, whole.predicted) == ("cc-exp-month", "cc-exp")
    assert "part-by-name" in month.confidence_signals


def test_a_misspelt_label_is_matched_fuzzily() -> None:
    [decision] = by_rules({"label": "Email adress"})

    assert (decision.predicted, decision.method) == ("email", "lexical-fuzzy")
    assert decision.threshold_used <= decision.score < 1


def test_a_near_label_is_matched_by_meaning() -> None:
    [decision] = by_rules({"label": "your full legal name", "type": "text"}, exact={"zzzzzz": "name"})

    assert (decision.method, decision.predicted) == ("semantic", "name")
    assert any(signal.startswith("nearest:") for signal in decision.confidence_signals)


def test_a_label_like_nothing_known_stays_unsure() -> None:
    [decision] = by_rules({"label": "quantum flux capacitor"})

    assert decision.decision == "unsure"


def test_feedback_takes_a_meaning_away_from_exactly_its_text() -> None:
    rejected, other = by_rules({"label": "Telephone"}, {"label": "First name"}, rejected={"telephone": ["tel"]})

    assert rejected.decision != "accepted"
    assert other.decision == "accepted"


def test_a_tick_box_means_only_what_can_be_ticked() -> None:
    name, authorized = by_rules({"type": "checkbox", "label": "First name"}, {"type": "checkbox", "label": "Are you authorized to work"})

    assert name.decision != "accepted"
    assert (authorized.decision, authorized.predicted) == ("accepted", "work-authorization")
