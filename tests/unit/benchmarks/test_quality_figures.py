"""From decisions and truths to the figures."""

from collections.abc import Sequence

import pytest
from benchmarks.quality.figures import MIN_OF_KIND, Quality, assess, calibration, curve, figures_of, references
from benchmarks.quality.measure import Result, results
from benchmarks.quality.pictures import MOST_IDS, OTHER, matrix
from benchmarks.shared.truth import EQUIVALENT, TruthField

from fieldwise_common.wire import Decision, FieldDescriptor, Method, Outcome

VOCABULARY = frozenset({"email", "tel", "name", "address-line1", "none"}).union(*EQUIVALENT)


def decided(
    truth: str,
    named: str = "",
    outcome: Outcome = "accepted",
    score: float = 1.0,
    method: Method = "semantic",
    lang: str = "en",
    source: str = "shop",
    peer: str = "",
    site: str = "a.example",
) -> Result:
    """One field of this truth that was decided to be `named`."""
    field = TruthField(1, site, source, lang, truth, FieldDescriptor(selector="#f"), peer)
    decision = Decision(
        decision_id="1",
        selector="#f",
        label="",
        placeholder="",
        field_type="",
        required=False,
        predicted=named,
        score=score,
        threshold_used=0.5,
        confidence_signals=(),
        decision=outcome,
        method=method,
        text="",
    )
    return results([field], [decision], VOCABULARY)[0]


def assessed(rows: Sequence[Result]) -> Quality:
    return assess("fields.jsonl", "v", [rows], [0.001, 0.003])


MIXED = (
    decided("email", "email"),
    decided("address-line1", "street-address"),
    decided("tel", "name"),
    decided("name", "name", "unsure"),
    decided("none", "none:search", "nothing"),
    decided("none", "tel"),
    decided("none", "desired-salary"),
    decided("email", "desired-salary", site="b.example"),
)


def test_the_headline_figures_are_shares_of_what_they_should_be() -> None:
    found = figures_of(MIXED)

    assert (found.fields, found.sites) == (8, 2)
    assert (found.recall.hits, found.recall.of) == (2, 5)
    assert (found.recall_exact.hits, found.recall_exact.of) == (1, 5)
    assert (found.precision.hits, found.precision.of) == (2, 4)
    assert (found.false_fill.hits, found.false_fill.of) == (1, 3)
    assert (found.overall.hits, found.overall.of, found.overall.value) == (4, 8, 0.5)


def test_an_id_outside_the_vocabulary_counts_as_none_and_is_listed() -> None:
    assert decided("none", "desired-salary").predicted == "none"
    assert assessed(MIXED).outside_vocabulary == {"desired-salary": 2}


def test_a_share_of_no_fields_is_none() -> None:
    found = figures_of([decided("email", "email")])

    assert found.false_fill.value is None
    assert found.recall.value == 1.0


def test_a_reference_is_measured_on_the_fields_whose_answer_by_the_browser_is_known() -> None:
    rows = [
        decided("email", "email", source="firefox", peer="email"),
        decided("tel", "", "unsure", source="firefox", peer="tel-local"),
        decided("none", "none:search", "nothing", source="firefox", peer="name"),
        decided("email", "email", source="firefox"),
        decided("name", "name", source="other"),
    ]

    (reference,) = references(rows)

    assert (reference.source, reference.theirs.fields, reference.ours.fields) == ("firefox", 3, 3)
    assert (reference.theirs.recall.value, reference.theirs.false_fill.value) == (1.0, 1.0)
    assert reference.ours.recall.value == 0.5
    assert reference.ratios["recall"] == 0.75
    assert reference.ratios_same_fields["recall"] == 0.5
    assert reference.ratios["false_fill"] == 0.0


def test_languages_are_english_and_the_others_pooled() -> None:
    found = assessed([decided("email", "email"), decided("email", "tel", lang="de"), decided("tel", "tel", lang="ja")])

    assert {name: (part.fields, part.recall.value) for name, part in found.english_and_others.items()} == {
        "others, pooled": (2, 0.5),
        "English": (1, 1.0),
    }


def test_an_id_has_the_recall_of_its_truth_and_the_precision_of_its_prediction() -> None:
    found = {one.canonical: one for one in assessed(MIXED).by_canonical}

    assert (found["email"].support, found["email"].recall.value, found["email"].precision.value) == (2, 0.5, 1.0)
    assert (found["name"].support, found["name"].recall.value, found["name"].precision.value) == (1, 0.0, 0.0)
    assert (found["street-address"].support, found["street-address"].recall.value, found["street-address"].precision.value) == (
        0,
        None,
        1.0,
    )
    assert "none" not in found


def test_confusions_leave_out_equivalent_ids() -> None:
    found = [(one.truth, one.predicted, one.count) for one in assessed((*MIXED, decided("tel", "name"))).confusions]

    assert found == [("tel", "name", 2), ("email", "none", 1), ("name", "none", 1), ("none", "tel", 1)]


def test_the_curve_has_a_point_for_every_score_and_includes_the_unsure() -> None:
    rows = [
        decided("email", "email", score=0.9),
        decided("tel", "tel-local", "unsure", score=0.6),
        decided("none", "name", "unsure", score=0.6),
        decided("none", "none:search", "nothing", score=0.95),
        decided("name", "desired-salary", score=0.8),
    ]

    points = curve(rows)

    assert [point.threshold for point in points] == [0.9, 0.6]
    assert (points[0].precision, points[0].false_fill, points[0].overall) == (1.0, 0.0, 0.6)
    assert points[0].recall == pytest.approx(1 / 3, abs=1e-6)
    assert (points[1].precision, points[1].recall) == (pytest.approx(2 / 3, abs=1e-6), pytest.approx(2 / 3, abs=1e-6))
    assert (points[1].false_fill, points[1].overall) == (0.5, 0.6)


def test_calibration_is_the_weighted_gap_between_score_and_accuracy() -> None:
    sure = [decided("email", "email", score=0.97), decided("email", "tel", score=0.97, method="lexical-fuzzy")]
    negative = [decided("none", "none:search", "nothing", score=1.0), decided("name", "none:search", "nothing", score=1.0)]
    left_out = [decided("email", "", "unsure", score=0.0, method="none"), decided("email", "desired-salary", score=0.9)]

    found = calibration([*sure, *negative, *left_out])

    assert found.decisions == 4
    assert len(found.bins) == 15
    assert (found.bins[-1].count, found.bins[-1].mean_score, found.bins[-1].accuracy) == (4, 0.985, 0.5)
    assert found.expected_error == 0.485
    assert found.by_method == {"lexical-fuzzy": 0.97, "semantic": pytest.approx(0.323333, abs=1e-6)}


def test_a_kind_of_form_has_a_calibration_error_of_its_own_from_enough_decisions_on() -> None:
    half_right = [decided("email", "email" if row % 2 else "tel", score=0.9, source="job application") for row in range(MIN_OF_KIND)]
    too_few = [decided("email", "email", score=0.9, source="shop") for _ in range(MIN_OF_KIND - 1)]
    of_no_kind = [decided("email", "email", score=0.9, source="") for _ in range(MIN_OF_KIND)]

    assert calibration([*half_right, *too_few, *of_no_kind]).by_kind == pytest.approx({"job application": 0.4})


def test_recall_is_compared_where_precision_is_high() -> None:
    right = [decided("email", "email", score=score) for score in (0.9, 0.8, 0.6)]

    assert assessed([*right, decided("tel", "name", score=0.7)]).recall_when_sure == 0.5
    assert assessed([decided("none", "tel")]).recall_when_sure is None


def test_without_an_accepted_field_there_is_no_operating_point_and_without_an_id_no_calibration() -> None:
    found = assessed([decided("email", "", "unsure", score=0.0, method="none")])

    assert found.operating_point is None
    assert found.curve == ()
    assert found.calibration.expected_error is None
    assert found.timing.median_ms == 2.0


def test_the_operating_point_is_at_the_versions_own_thresholds() -> None:
    found = assessed([decided("email", "email", score=0.7), decided("tel", "tel", "unsure", score=0.8)])

    assert found.operating_point is not None
    assert (found.operating_point.threshold, found.operating_point.recall, found.operating_point.precision) == (0.7, 0.5, 1.0)
    assert (found.outcomes, found.methods) == ({"accepted": 1, "unsure": 1}, {"semantic": 2})


def test_a_matrix_pools_the_rarest_ids() -> None:
    names, counts = matrix([*MIXED, *(decided(f"id-{number:02}", "email") for number in range(MOST_IDS + 3))])

    assert names[-2:] == [OTHER, "none"]
    assert len(names) == MOST_IDS + 2
    assert counts.sum() == len(MIXED) + MOST_IDS + 3
