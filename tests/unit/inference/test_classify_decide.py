import pytest
from tests.support.deciding import a_version, decide

from fieldwise_common.wire import ClassifyRequest
from fieldwise_inference.classify.decide import classify


@pytest.mark.parametrize("kind", ["hidden", "submit", "button", "image", "reset", "file", "HIDDEN"])
def test_fields_of_no_fillable_type_are_ignored(kind: str) -> None:
    [decision] = decide({"type": kind, "label": "First name"})

    assert (decision.decision, decision.method) == ("ignored", "type")


def test_a_search_box_is_certainly_nothing() -> None:
    [decision] = decide({"type": "search", "label": "First name"})

    assert (decision.decision, decision.predicted) == ("nothing", "none:search")


def test_a_valid_autocomplete_goes_before_the_label() -> None:
    [decision] = decide({"type": "text", "label": "First name", "autocomplete": "family-name"})

    assert (decision.predicted, decision.method) == ("family-name", "autocomplete")


def test_a_negative_synonym_means_nothing() -> None:
    [decision] = decide({"label": "Search this site"})

    assert (decision.decision, decision.predicted) == ("nothing", "none")


def test_a_label_like_nothing_known_stays_unsure() -> None:
    [decision] = decide({"label": "quantum flux capacitor"})

    assert decision.decision == "unsure"


def test_a_field_without_any_text_stays_unsure() -> None:
    [decision] = decide({"type": "text"})

    assert (decision.decision, decision.confidence_signals) == ("unsure", ("no-text",))


def test_a_tick_box_means_only_what_can_be_ticked() -> None:
    name, authorized = decide({"type": "checkbox", "label": "First name"}, {"type": "checkbox", "label": "Are you authorized to work"})

    assert name.decision != "accepted"
    assert (authorized.decision, authorized.predicted) == ("accepted", "work-authorization")


def test_two_passwords_in_a_row_choose_a_new_one() -> None:
    first, second = decide({"type": "password", "label": "Password"}, {"type": "password", "label": "Password"})

    assert (first.predicted, second.predicted) == ("new-password", "new-password")


def test_feedback_takes_a_meaning_away_from_exactly_its_text() -> None:
    version = a_version(rejected={"telephone": ["tel"]})

    rejected, other = decide({"label": "Telephone"}, {"label": "First name"}, version=version)

    assert rejected.decision != "accepted"
    assert other.decision == "accepted"


def test_of_equal_selectors_the_first_counts() -> None:
    request = ClassifyRequest.model_validate(
        {"fields": [{"selector": "#a", "label": "First name"}, {"selector": "#a", "label": "Last name"}]}
    )

    answer = classify(a_version(), request)

    assert [m.canonical for m in answer.matches] == ["given-name"]
    assert [d.decision for d in answer.decisions] == ["accepted", "ignored"]


def test_every_field_gets_exactly_one_decision() -> None:
    kinds = [{"label": "First name"}, {"type": "hidden"}, {"label": "zzz qqq"}, {"label": "Search this site"}, {}]

    decisions = decide(*kinds)

    assert [d.selector for d in decisions] == [f"#f{i}" for i in range(len(kinds))]
    assert len({d.decision_id for d in decisions}) == len(kinds)


def test_strange_texts_get_sensible_answers() -> None:
    decisions = decide(
        {"label": "😀" * 50},
        {"label": "‮" + "מייל"},
        {"label": "a\x00b"},
        {"label": "x" * 10_000},
        {"label": "Email address\x00", "maxlength": -1},
    )

    assert decisions[-1].predicted == "email"
    assert all(len(d.label) <= 512 for d in decisions)


def test_a_label_of_the_lexicon_decides() -> None:
    [decision] = decide({"label": "* First Name:"})

    assert (decision.decision, decision.predicted, decision.method) == ("accepted", "given-name", "ranker")
    assert decision.confidence_signals == ("lexical:label=given-name",)
    assert decision.threshold_used <= decision.score < 1


def test_a_label_near_in_meaning_decides() -> None:
    [decision] = decide({"label": "your full legal name", "type": "text"}, version=a_version(exact={"zzzzzz": "name"}))

    assert (decision.decision, decision.predicted, decision.method) == ("accepted", "name", "ranker")
    assert decision.confidence_signals[0].startswith("near:name@")


@pytest.mark.parametrize(("cutoff", "is_evidence"), [(0.9, True), (0.99, False)])
def test_a_misspelt_label_is_evidence_from_the_cut_off_on(cutoff: float, is_evidence: bool) -> None:
    """LEX_THRESHOLD has an effect in the version that ships: `Tlephone` is no word of the encoder's, only of the lexicon's, nearly."""
    [decision] = decide({"label": "Tlephone"}, version=a_version(cutoff=cutoff))

    assert ("lexical:fuzzy=tel" in decision.confidence_signals) is is_evidence
    assert (decision.predicted == "tel") is is_evidence
