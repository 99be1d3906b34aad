import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.filling import NoEncoder, filled, response

from fieldwise_common.canonical import catalogue, is_secret
from fieldwise_common.wire import FieldSlice, Match, MlFillRequest
from fieldwise_inference.fill.dispatch import fill
from fieldwise_inference.fill.fit import utf16_length
from fieldwise_inference.fill.result import Reason


@pytest.mark.parametrize("canonical", sorted(filter(is_secret, catalogue())))
def test_secrets_are_never_filled_even_when_a_profile_holds_one(canonical: str) -> None:
    assert filled(canonical, "4111111111111111", type="text") == "refused: secret"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("file", "file"), ("hidden", "not-fillable"), ("submit", "not-fillable"), ("color", "not-fillable"), ("PASSWORD", "secret")],
)
def test_some_types_are_never_filled(kind: str, reason: str) -> None:
    assert filled("given-name", "Ada", type=kind) == f"refused: {reason}"


@pytest.mark.parametrize("canonical", ["none", "none:search", "none:coupon"])
def test_a_match_with_a_negative_id_is_not_filled_even_if_a_client_sends_it_back(canonical: str) -> None:
    assert filled(canonical, "tampered", type="text") == "refused: nothing"


def test_an_id_without_a_value_in_the_profile_is_unfilled() -> None:
    assert response("no-such-id", {"given-name": "Ada"}, type="text").unfilled[0].reason == "no-value"
    assert response("given-name", {"given-name": " \x00 "}, type="text").unfilled[0].reason == "no-value"


@pytest.mark.parametrize(
    ("method", "score", "confidence"),
    [
        ("autocomplete", 1.0, "high"),
        ("lexical-exact", 1.0, "high"),
        ("ranker", 0.9, "high"),
        ("ranker", 0.89, "medium"),
        ("lexical-fuzzy", 0.99, "medium"),
        ("semantic", 0.99, "medium"),
        ("made up", 1.0, "medium"),
    ],
)
def test_confidence_follows_from_how_the_match_was_made(method: str, score: float, confidence: str) -> None:
    match = Match(selector="#a", canonical="given-name", method=method, score=score)

    answer = fill(MlFillRequest(user_profile={"given-name": "Ada"}, matches=(match,)), NoEncoder())

    assert answer.fills[0].confidence == confidence


def test_a_fill_has_the_decision_id_of_its_match() -> None:
    kept = Match(selector="#a", canonical="given-name", decision_id="d1")
    lost = Match(selector="#b", canonical="family-name", decision_id="d2")

    answer = fill(MlFillRequest(user_profile={"given-name": "Ada"}, matches=(kept, lost)), NoEncoder())

    assert answer.fills[0].decision_id == "d1"
    assert answer.unfilled[0].decision_id == "d2"


IDS = (
    *("given-name", "additional-name", "email", "tel", "tel-country-code", "bday", "bday-month", "start-date", "country"),
    *("address-level1", "url", "linkedin-url", "cover-letter", "postal-code", "gpa", "none", "no-such-id"),
    *("notice-period", "desired-salary", "years-of-experience", "visa-sponsorship", "work-authorization", "age-confirmation", "age"),
    *("skills", "job-end-date", "bday-year", "address-line1", "house-number", "current-job"),
)
TYPES = ["text", "", "tel", "email", "url", "number", "textarea", "search", "checkbox", "radio", "date", "month", "file", "combobox"]
values = st.text(max_size=30) | st.sampled_from(["1990-03-04", "+14155550123", "ada@example.org", "Norway", "ada.example", "3.8", "Yes"])
values |= st.sampled_from(
    ["No", "9999 years", "4 weeks", "6 fortnights", "$145,000 per month", "², ٣", "9999-99-99", "0000-01-01", "Python, SQL"]
)
LABELS = (
    *("Yes", "No", "Notice period (days/weeks)", "Salary in k€ monthly", "Do you NOT need a visa, or not?", "Are you over 99 or under 12?"),
    *("Months of experience", "Are you authorized in Canada and the EU without sponsorship?", "平成3年", "Not not not"),
)
fields = st.builds(
    FieldSlice,
    type=st.sampled_from(TYPES),
    maxlength=st.none() | st.integers(min_value=-1, max_value=20),
    placeholder=st.text(max_size=12) | st.sampled_from(["DD/MM/YYYY", "(555) 555-5555", "@username"]),
    pattern=st.sampled_from(["", "[0-9]+", "[A-Z]{2}", "("]),
    label=st.text(max_size=12) | st.sampled_from(LABELS),
    group=st.sampled_from(["", *LABELS, "x" * 10_000]),
    section=st.sampled_from(["", "Billing", "²" * 10_000]),
    question=st.sampled_from(["", "", "q1"]),
    min=st.text(max_size=3),
    max=st.sampled_from(["", "1e9999", "NaN", "-1", "9" * 99]),
    step=st.sampled_from(["", "any", "0", "-1", "0.1"]),
    multiple=st.booleans(),
    disabled=st.sampled_from([False, False, True]),
)
UNLIMITED = {"checkbox", "radio", "date", "month"}
matches = st.lists(
    st.builds(
        Match,
        selector=st.sampled_from(["#a", "#b", "#c"]),
        canonical=st.sampled_from(IDS),
        field=fields,
        entry=st.sampled_from([None, None, -1, 1, 2, 10**6]),
    ),
    max_size=3,
    unique_by=lambda match: (match.selector, match.canonical),
)


@given(st.dictionaries(st.sampled_from(IDS), values), matches)
def test_each_match_is_in_exactly_one_list_and_no_value_is_longer_than_its_box(profile: dict[str, str], matches: list[Match]) -> None:
    answer = fill(MlFillRequest(user_profile=profile, matches=tuple(matches)), NoEncoder())

    assert sorted([f.selector for f in answer.fills] + [u.selector for u in answer.unfilled]) == sorted(m.selector for m in matches)
    assert {u.reason for u in answer.unfilled} <= set(Reason)
    limits = {(m.selector, m.canonical): m.field.maxlength for m in matches if m.field.type not in UNLIMITED}
    for written in answer.fills:
        limit = limits.get((written.selector, written.canonical))
        assert written.value
        assert limit is None or utf16_length(written.value) <= limit
