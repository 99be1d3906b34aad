"""What thresholds are fitted to, and what a budget for wrong fills promises."""

from dataclasses import replace

import numpy as np
import pytest

from fieldwise_common.decision_log import LogRow
from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.thresholds import RankerThresholds, Thresholds
from fieldwise_training.calibration.budget import LEVELS, assess, raised, tallied, upper_bounds
from fieldwise_training.calibration.confidence import fit_confidence
from fieldwise_training.calibration.drift import lowest_rate
from fieldwise_training.calibration.evidence import AUTOCOMPLETE, NO_EVIDENCE, NO_FILL, Evidence, evidence_of
from fieldwise_training.calibration.fitted import fitted
from fieldwise_training.calibration.lexical import SHIPPED, fit_lexical
from fieldwise_training.calibration.ranker import LOWEST, described, fit_thresholds
from fieldwise_training.calibration.without_ranker import CONDITIONS, Nearest, fit_semantic
from fieldwise_training.evaluation.predictions import TruthForm
from fieldwise_training.feedback.live import LiveFills
from fieldwise_training.feedback.rows import FeedbackRow

BASE = RankerThresholds()
SAFE, RISKY = "email", "tel"


def sites(count: int, seed: int = 0, error: float = 0.1) -> Evidence:
    """Forms of six fields. A prediction of `RISKY` is wrong with four times the probability of `SAFE`, and less often at a high score."""
    rng = np.random.default_rng(seed)
    rows = []
    for site in range(count):
        for field in range(6):
            group = RISKY if field == 0 else SAFE
            score = float(rng.uniform(0.5, 1.0))
            is_right = bool(rng.random() > error * (1 - score) * (4 if group == RISKY else 1))
            rows.append((f"{site}.example", group, score, is_right, True, False))
    return evidence_of(rows)


def test_an_id_that_is_often_wrong_gets_a_higher_threshold() -> None:
    sure = [("a.example", "email", 0.9, True, True, False)] * 100
    doubtful = [("b.example", "tel", 0.85, number % 2 == 0, True, False) for number in range(100)]

    thresholds = fit_thresholds(evidence_of([*sure, *doubtful]), wrong_cost=3.0)

    assert thresholds.of("email") <= 0.9
    assert thresholds.of("tel") > thresholds.default


def test_a_threshold_is_the_score_from_which_predictions_are_right_often_enough() -> None:
    """Of scores that are too low: predictions of 0.5 are right in two of three cases."""
    scores = np.random.default_rng(0).uniform(0.05, 0.95, 20_000)
    right = np.random.default_rng(1).random(20_000) < 2 * scores / (1 + scores)  # the odds are twice those of the score
    evidence = evidence_of(
        ("a.example", "email", float(score), bool(is_right), True, False) for score, is_right in zip(scores, right, strict=True)
    )

    assert fit_thresholds(evidence, wrong_cost=2.0).of("email") == pytest.approx(0.5, abs=0.04)
    assert fit_thresholds(evidence, wrong_cost=9.0).of("email") == pytest.approx(9 / 11, abs=0.04)


def test_no_threshold_is_so_low_that_other_answers_are_likelier() -> None:
    evidence = evidence_of([("a.example", "email", 0.2, True, True, False)] * 500)

    assert fit_thresholds(evidence, wrong_cost=2.0).of("email") == LOWEST


def test_an_id_with_little_evidence_is_judged_as_all_together() -> None:
    rows = [("a.example", "email", 0.5 + number / 200, number % 10 > 0, True, False) for number in range(100)]
    few, many = (
        fit_thresholds(evidence_of([*rows, *[("b.example", "tel", 0.7, False, True, False)] * count]), wrong_cost=2.0) for count in (1, 50)
    )

    assert few.default < few.of("tel") < many.of("tel")
    assert few.of("fax") == few.default


def test_what_thresholds_were_fitted_to_is_recorded() -> None:
    evidence = evidence_of([("a.example", "email", 0.9, True, True, False)] * 30 + [("b.example", "tel", 0.9, False, False, True)] * 3)

    thresholds = fit_thresholds(evidence, wrong_cost=2.0)
    default, by_canonical = described(thresholds, evidence)

    assert (by_canonical["tel"].pooled, by_canonical["email"].pooled) == (False, False)
    assert by_canonical["tel"].value == thresholds.of("tel")
    assert (by_canonical["tel"].fields, by_canonical["tel"].votes, by_canonical["tel"].right) == (3, 3, 0)
    assert (default.fields, default.accepted, default.right) == (33, 33, 30)


def test_without_evidence_the_thresholds_are_the_shipped_ones() -> None:
    nothing = Nearest(np.empty(0), (), np.empty((0, len(CONDITIONS)), bool), np.empty(0, bool), np.empty(0, bool))

    assert fit_thresholds(NO_EVIDENCE, 2.0) == BASE
    assert fit_semantic(nothing, BASE.default).thresholds == Thresholds()
    assert fit_lexical(Lexicon(), []).value == SHIPPED


def test_the_interval_of_few_fields_is_wide() -> None:
    few, many = (fitted(0.5, np.full(n, 0.9), np.ones(n, bool), np.zeros(n, bool)) for n in (5, 500))

    assert few.low is not None
    assert many.low is not None
    assert few.low < 0.6 < 0.99 < many.low
    assert fitted(0.95, np.full(5, 0.9), np.ones(5, bool), np.zeros(5, bool)).low is None


def test_confidence_learns_what_scores_are_worth_per_group() -> None:
    rng = np.random.default_rng(1)
    scores = rng.uniform(0.6, 0.99, 4000)
    groups = [SAFE, RISKY] * 2000
    right = rng.random(4000) < np.where(np.arange(4000) % 2 == 0, scores, scores - 0.3)

    confidence = fit_confidence(scores, groups, right)

    assert confidence.of(np.array([0.9, 0.9]), [SAFE, RISKY]) == pytest.approx([0.9, 0.6], abs=0.06)
    assert confidence.threshold(0.85, RISKY) > confidence.threshold(0.85, SAFE)
    assert confidence.of(np.array([confidence.threshold(0.9, RISKY)]), [RISKY]) == pytest.approx([0.9])


def test_a_condition_that_makes_the_nearest_id_wrong_raises_the_semantic_threshold() -> None:
    rng = np.random.default_rng(2)
    conditions = np.zeros((800, len(CONDITIONS)), bool)
    conditions[:400, CONDITIONS.index("name_only")] = True
    right = np.concatenate([rng.random(400) < 0.3, rng.random(400) < 0.95])
    evidence = Nearest(rng.uniform(0.6, 0.8, 800), ("email",) * 800, conditions, right, np.zeros(800, bool))

    semantic = fit_semantic(evidence, worth_filling=2 / 3)

    assert semantic.thresholds.adjustments.name_only > 0.05
    assert semantic.thresholds.adjustments.type_supports == -0.08  # nothing is known about the other conditions
    assert semantic.thresholds.per_canonical["email"] < 0.66
    assert (semantic.base.fields, semantic.by_canonical["email"].pooled) == (800, False)


@pytest.mark.parametrize(("right", "is_lower"), [(True, True), (False, False)])
def test_the_cut_off_of_fuzzy_matches_follows_how_often_they_are_right(right: bool, is_lower: bool, form_of_one_label: TruthForm) -> None:
    lexicon = Lexicon(exact={"email address": "email"})
    forms = [form_of_one_label if right else TruthForm("", "en", form_of_one_label.request, ("none",))] * 60

    cutoff = fit_lexical(lexicon, [], forms)

    assert (cutoff.value < SHIPPED) is is_lower
    assert (cutoff.fields, cutoff.votes, cutoff.right) == (60, 60, 60 if right else 0)


@pytest.fixture
def form_of_one_label() -> TruthForm:
    request = MlClassifyRequest(fields=(FieldDescriptor(selector="#a", label="Emial adress"),))
    return TruthForm("site", "en", request, ("email",))


def test_a_budget_raises_thresholds_until_it_holds_and_costs_coverage() -> None:
    evidence = sites(1500, error=0.3)

    loose, strict = (assess(evidence, BASE).within(budget) for budget in (0.5, 0.035))

    assert (loose.level, loose.is_kept) == (None, True)
    assert loose.coverage == loose.coverage_without
    assert strict.is_kept
    assert strict.bound <= 0.035
    assert strict.wrong / strict.fills < strict.bound
    assert strict.coverage < strict.coverage_without
    thresholds = raised(BASE, evidence, strict.level)
    assert thresholds.of(RISKY) > thresholds.of(SAFE) > BASE.default
    assert thresholds.autocomplete > 0


def test_a_budget_that_the_evidence_can_not_support_is_not_promised() -> None:
    choice = assess(sites(40), BASE).within(0.005)

    assert not choice.is_kept
    assert choice.bound > 0.005
    assert choice.fills > 0  # the safest thresholds are used all the same


def test_without_any_evidence_nothing_is_promised() -> None:
    choice = assess(NO_EVIDENCE, BASE).within(0.02)

    assert (choice.is_kept, choice.sites, choice.fills) == (False, 0, 0)


def test_the_promise_holds_on_other_sites() -> None:
    """The realised rate of 20 divisions of sites keeps the budget in at least 95 % of them; `make bench-budget` measures real forms."""
    budget, kept = 0.02, 0
    for seed in range(20):
        calibration, deployment = sites(300, seed), sites(300, seed + 1000)
        choice = assess(calibration, BASE, sites_ahead=300).within(budget)
        thresholds = raised(BASE, calibration, choice.level)
        filled = deployment.score >= np.array([thresholds.of(group) for group in deployment.group])
        kept += not choice.is_kept or (filled & ~deployment.right).sum() <= budget * filled.sum()

    assert kept >= 19


def test_fields_of_one_site_are_no_independent_evidence() -> None:
    """The same fields with the same errors: on few large sites less can be promised than on many small ones."""
    evidence = sites(600, error=0.2)
    few = Evidence(
        tuple(f"{int(site.split('.')[0]) // 20}.example" for site in evidence.site),
        *(getattr(evidence, name) for name in ("group", "score", "right", "has_id", "voted")),
    )

    assert upper_bounds(tallied(few, BASE, LEVELS), 400)[0] > upper_bounds(tallied(evidence, BASE, LEVELS), 400)[0]


def test_fields_that_no_threshold_fills_and_ids_of_the_page_are_groups_of_their_own() -> None:
    rows = [("a.example", NO_FILL, 0.0, False, True, False), ("a.example", AUTOCOMPLETE, 0.01, False, False, False)] * 30
    evidence = evidence_of(rows) + sites(300)

    tally = tallied(evidence, BASE, LEVELS)

    assert tally.wrong[:, 0].max() >= 30  # without a budget, `autocomplete` is believed
    assert tally.wrong[:, -1].sum() < 30
    assert AUTOCOMPLETE not in raised(BASE, evidence, 0.99).per_canonical


def test_inference_accepts_by_the_raised_thresholds_what_the_level_was_tallied_with_and_nothing_else() -> None:
    """Scores have four decimals there: a threshold rounded down would accept fills that the promise does not cover."""
    evidence = sites(300)
    evidence = replace(evidence, score=np.round(1 - (1 - evidence.score) / 100, 4))  # near 1, where a decimal matters
    confidence = fit_confidence(evidence.score, evidence.group, evidence.right)
    scores = np.round(np.arange(0.9, 1.0, 0.0001), 4)

    for level in LEVELS:
        thresholds = raised(BASE, evidence, level)
        for group in (SAFE, RISKY):
            threshold = round(thresholds.of(group), 4)
            assert threshold == thresholds.of(group)
            assert ((scores >= threshold) <= (confidence.of(scores, [group] * len(scores)) >= level)).all()


def test_a_score_of_one_is_tallied_as_filled_at_every_level_because_no_threshold_excludes_it() -> None:
    rows = [(f"{site}.example", RISKY, 1.0, site % 2 == 0, True, False) for site in range(100)]

    tally = tallied(evidence_of(rows), BASE, LEVELS)

    assert raised(BASE, evidence_of(rows), LEVELS[-1]).of(RISKY) == 1
    assert tally.wrong.sum(axis=0).min() == 50


def test_the_same_evidence_gives_the_same_choice() -> None:
    assert assess(sites(100), BASE).within(0.02) == assess(sites(100), BASE).within(0.02)


def test_corrections_on_many_sites_void_a_budget_and_those_of_one_site_do_not() -> None:
    assert lowest_rate([]) is None
    assert (lowest_rate([(10, 1)] * 40) or 0) > 0.05
    assert lowest_rate([(300, 300)]) == pytest.approx(0, abs=0.2)
    assert (lowest_rate([(30, 30), *[(10, 0)] * 100]) or 0) < 0.02


def test_the_live_versions_fills_are_those_that_users_with_feedback_have_seen() -> None:
    def row(user: str, signature: str, version: str = "v1", method: str = "ranker") -> LogRow:
        made = LogRow("2026-11-30T00:00:00.000Z", "classify", "#a", predicted="email", decision="accepted", method=method)
        return replace(made, user_hash=user, signature=signature, model_version=version, site="s")

    def verdict(user: str, signature: str, about: str, said: str = "incorrect", day: int = 29) -> FeedbackRow:
        texts = {
            "selector": "#a",
            "origin": "",
            "corrected_to": "",
            "decision_id": "",
            "request_id": "",
            "position": 0,
            "is_trusted": False,
        }
        return FeedbackRow(at=f"2026-11-{day}", user=user, about=about, verdict=said, signature=signature, site="s", **texts)  # type: ignore[arg-type]

    live = LiveFills("v1", [verdict("u", "a", "email"), verdict("u", "b", "tel")])
    rows = [row("u", "a"), row("u", "a"), row("u", "b"), row("silent", "a"), row("u", "c", "v0"), row("u", "d", method="remembered")]
    passed = list(live.watching([*rows, None]))

    assert passed == [*rows, None]
    assert live.by_site() == [(2, 1)]  # `a`, seen twice and rejected; `b`, of which another id was rejected

    changed = LiveFills("v1", [verdict("u", "a", "email", "correct", 30), verdict("u", "a", "email"), verdict("u", "b", "email", day=30)])
    list(changed.watching([row("u", "a"), row("u", "b")]))
    assert changed.by_site() == [(2, 1)]  # of `a`, the user took it back
