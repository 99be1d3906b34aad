"""The report of a version: complete, escaped, bounded, and without what a version does not have."""

import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.full_report import AGREED, BUDGET, FIRST, FULL, LOST, METRICS, content, measured

from fieldwise_common.wire import Method
from fieldwise_inference.classify.sites import SiteAnswer
from fieldwise_training.evaluation.changes import Change, Example
from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.details import CalibrationDetails, FineTuningDetails, Fitted, LanguageGain
from fieldwise_training.evaluation.intervals import Difference, wilson
from fieldwise_training.evaluation.metrics import Bin, Figures, Measured, calibration_bins
from fieldwise_training.evaluation.overrides import ReviewedOverride
from fieldwise_training.evaluation.record import Ancestor, Metrics
from fieldwise_training.evaluation.report.page import MAX_LISTED, MAX_SHADOWS, render
from fieldwise_training.evaluation.report.words import CAPPED, CHANGES, CHECKS, METHODS, QUARANTINED, points
from fieldwise_training.evaluation.shadow import ShadowComparison, Shadows
from fieldwise_training.evaluation.verdict import checks
from fieldwise_training.feedback.learned import Learned, LearnedAnswer, LearnedText
from fieldwise_training.state import FeedbackFacts, FineTuningFacts, LearningFacts, Mode

FEEDBACK = Path(__file__).parents[3] / "functions/training/fieldwise_training/feedback"
EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """What a browser would see: the texts, the anchors, where links lead, and what would be loaded."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self._words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given["href"]] if given.get("href") else []
        self.loaded += [tag] if "src" in given or tag in {"link", "iframe", "object", "img"} else []
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self._words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self._words)


def test_a_report_is_one_well_formed_page_that_loads_nothing_and_whose_links_lead_somewhere() -> None:
    page = Page(render(FULL))

    assert (page.open, page.loaded) == ([], [])
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_verdict_and_why_come_first_in_plain_words() -> None:
    text = Page(render(FULL)).text
    verdict = text[: text.index("Fieldwise recognises")]

    for sentence in (
        "Good enough for production",
        "Of 400 fields at sites that it was not trained on, it decides 90.0% correctly; at least 80.0% are required.",
        "It is better than production by 2.0 points of accuracy (95% interval +0.4 to +3.6 points): 10 fields are won and 2 lost.",
        "Of the 9 fields that no person would mistake (the guard set), none that production has right is lost.",
        "It knows 1 more field of sites",
        "Its network was trained on 31 fields that 6 users judged, at 4 sites.",
    ):
        assert sentence in verdict


def test_a_rejected_version_gives_the_failed_checks_alone() -> None:
    worse = METRICS.evaluation.model_copy(update={"p": 0.001, "lost": 30})
    metrics = METRICS.model_copy(update={"evaluation": worse, "differences": {"accuracy": Difference(value=-0.05, low=-0.08, high=-0.02)}})

    text = Page(render(content(metrics))).text

    verdict = text[: text.index("Fieldwise recognises")]
    assert "Not good enough for production It is worse than production by 5.0 points of accuracy" in verdict
    assert "guard set" not in verdict


def test_a_lost_guard_field_is_named_in_the_verdict() -> None:
    guard = METRICS.guard.model_copy(update={"lost": 1, "flipped": (LOST,)})

    text = Page(render(content(METRICS.model_copy(update={"guard": guard})))).text

    assert "(the guard set), 1 is lost, first “E-mail” of a.example, signup: now none, right is email." in text


def test_an_encoder_that_is_carried_on_is_no_reason_of_the_verdict() -> None:
    carried_on = FineTuningFacts(kept=True, reason="the fine-tuned encoder of the parent is carried on")

    assert "Its encoder was fine-tuned" not in Page(render(content(fine_tuning=carried_on))).text
    assert "Its encoder was fine-tuned on 7 pairs." in Page(render(content(fine_tuning=carried_on.model_copy(update={"pairs": 7})))).text


def test_a_step_that_was_skipped_gives_its_reason_as_a_sentence() -> None:
    text = Page(render(content(fine_tuning=FineTuningFacts(kept=False, reason="only full-train fine-tunes")))).text

    assert "Only full-train fine-tunes." in text
    assert "Not kept" not in text


def test_every_part_has_its_section() -> None:
    page = Page(render(FULL))

    assert {"figures", "gate", "flips", "learned", "fine-tuning", "budget", "thresholds", "languages", "confusions", "ids", "run"} <= set(
        page.ids
    )
    for shown in (
        "Handynummer tel 12 30 1",
        "new Fon – tel 3 for, 0 against s a-b-0",
        f"no matching decision 3 {QUARANTINED['no matching decision']}",
        f"votes of one user 2 {CAPPED['votes of one user']}",
        "Not kept. It is worse in German.",
        "de 50 40 38 -2",
        "They are decided without the budget for wrong fills",
        "at most 0.50% of all fills to be wrong: one in 200. The budget is kept",
        "−5.0 points: what the budget costs in coverage",
        "email 400 40 90.0% 0.0 97.0% 0.770",
        "tel 0.610 all ids together 120 20 117 110 93.0% to 99.0%",
        "held-out forms 400 352 360 2 10",
        "lost held-out forms a.example, signup E-mail email email none",
        "corpus abc123",
    ):
        assert shown in page.text


def test_what_a_version_does_not_have_has_no_section() -> None:
    page = Page(render(content(FIRST, Mode.BUILD_INDEX)))

    assert not {"learned", "fine-tuning", "budget", "thresholds", "overrides"} & set(page.ids)
    assert "There is no version in production yet." in page.text
    assert page.open == []


def test_a_smoke_test_promises_nothing() -> None:
    assert "Smoke test: never promoted A smoke test tries every step" in Page(render(content(FIRST, Mode.SMOKE_TEST))).text


def test_a_version_in_production_that_can_not_be_measured_is_named_with_the_reason() -> None:
    text = Page(render(content(FIRST.model_copy(update={"champion_problem": "old is broken"})))).text

    assert "which can't be measured: old is broken." in text


def test_a_changed_allowance_is_explained_where_it_counts() -> None:
    held_back = METRICS.evaluation.model_copy(update={"held_back": 2, "p_unless_held_back": 1.0})
    metrics = METRICS.model_copy(update={"evaluation": held_back, "stricter": "wrong_cost is 3 instead of 2", "looser": "wrong_cost is 1"})

    text = Page(render(content(metrics))).text

    assert "2 of these only held back, which does not count as a loss because wrong_cost is 3 instead of 2" in text
    assert "More wrong fills are accepted, because wrong_cost is 1." in text


def test_everything_that_users_or_data_wrote_is_escaped() -> None:
    flip = LOST.model_copy(update={"label": EVIL, "form": EVIL})
    reviewed = ReviewedOverride(review="for removal", site=EVIL, signature=EVIL, label=EVIL, canonical="tel", without="tel")
    metrics = METRICS.model_copy(
        update={
            "candidate": measured(EVIL, canonical=EVIL),
            "evaluation": METRICS.evaluation.model_copy(update={"flipped": (flip,)}),
            "overrides": (reviewed,),
        }
    )
    learned = Learned(
        answers=(LearnedAnswer(change="new", site=EVIL, signature=EVIL, label=EVIL, after=SiteAnswer(canonical=EVIL)),),
        texts=(LearnedText(text=EVIL, canonical=EVIL, sites=1, users=1, against=0),),
    )
    facts = FeedbackFacts(quarantined={EVIL: 1}, log=EVIL)

    page = render(content(metrics, learned=learned, feedback=facts, data={EVIL: EVIL}, seconds={EVIL: 1.0}))

    assert EVIL not in page
    assert page.count("<script>") == 1  # ours
    assert page.count("alert(1)") >= 15


def test_with_100_000_learned_answers_the_page_stays_small_and_counts_them_all() -> None:
    many = 100_000
    answers = tuple(
        LearnedAnswer(change="new", site=f"{number:016x}", signature=f"{number:033x}-0", label="x" * 5_000, after=AGREED)
        for number in range(many)
    )
    texts = tuple(LearnedText(text=f"text {number}", canonical="tel", sites=9, users=9, against=0) for number in range(many))
    overrides = tuple(
        ReviewedOverride(review="needed", site="s", signature=f"{number}", label="", canonical="tel", without="") for number in range(many)
    )
    learned = Learned(answers=answers, texts=texts)

    started = time.process_time()
    page = render(content(METRICS.model_copy(update={"overrides": overrides}), learned=learned))

    assert len(page) < 1_000_000
    assert page.count(f"And {many - MAX_LISTED:,} more") == 3
    assert time.process_time() - started < 20  # a second or two; a page with every row takes minutes


def test_a_candidate_in_shadow_is_compared_with_what_users_say_of_it() -> None:
    examples = (Example(change=Change.LOST, label=EVIL, before="email", after="", site="s"),)
    one = ShadowComparison(
        candidate="next", live="old", requests=20, fields=200, same=190, changed={Change.LOST: 10}, better=3, worse=1, examples=examples
    )

    page = render(content(shadows=Shadows(comparisons=(one,) * (MAX_SHADOWS + 2), left_out=4, unmatched=7)))

    text = Page(page).text
    assert "next beside old 20 requests that both decided, 200 fields 95.0% of the fields decided alike 3 : 1" in text
    assert f"fill → nothing 10 {CHANGES[Change.LOST]}" in text
    assert "email none s" in text
    assert "And 2 more" in text
    assert "Not compared: 7 fields" in text
    assert EVIL not in page
    assert set(CHANGES) == set(Change)


def test_dropped_answers_are_listed_before_new_ones_and_those_of_many_users_first() -> None:
    def answer(label: str, agree: int) -> LearnedAnswer:
        voted = SiteAnswer(canonical="tel", agree=agree)
        return LearnedAnswer(
            change="dropped" if label == "Gone" else "new", site="s", signature=label, label=label, before=voted, after=voted
        )

    text = Page(render(content(learned=Learned(answers=(answer("Few", 3), answer("Many", 30), answer("Gone", 3)))))).text

    assert text.index("Gone") < text.index("Many") < text.index("Few")


ZERO = Figures(fields=0, accuracy=None, recall=None, precision=None, false_fill=None)


def test_a_report_of_nothing_but_zeros_and_unknown_values_renders() -> None:
    nothing = Fitted(value=0.0, fields=0, right=0)
    empty = Measured(version="v", overall=ZERO, by_language={"": ZERO}, by_canonical={"email": ZERO}, by_method={}, confusions=())
    page = render(
        content(
            Metrics(
                candidate=empty,
                champion=empty,
                encoder=None,
                evaluation=Comparison(fields=0, right=0, champion_right=0, p=1.0, p_of_wrong_fills=1.0),
                differences={"accuracy": Difference(value=0, low=0, high=0)},
                ancestor=Ancestor(version="v", of=1, compared=Comparison(fields=0, right=0)),
            ),
            feedback=FeedbackFacts(),
            learning=LearningFacts(),
            fine_tuning=FineTuningFacts(kept=False, reason=""),
            fine_tuning_details=FineTuningDetails(losses=(0.0,), by_language={"en": LanguageGain(fields=0, before=0, after=0)}),
            calibration=CalibrationDetails(
                ranker=nothing,
                ranker_by_canonical={"email": nothing},
                reliability=calibration_bins([], []),
                budget=BUDGET.model_copy(update={"bound": 0.0, "fills": 0, "wrong": 0, "coverage": 0.0, "coverage_without": 0.0}),
            ),
            seconds={"load": 0.0},
        )
    )

    assert Page(page).open == []


COUNTS = st.integers(0, 10**9)
SHARES = st.floats(0, 1)


@settings(max_examples=25, deadline=None)
@given(count=COUNTS, share=SHARES, text=st.text(max_size=300), losses=st.lists(st.floats(0, 1e6), max_size=20))
def test_any_counts_and_any_text_give_a_well_formed_page(count: int, share: float, text: str, losses: list[float]) -> None:
    figures = Figures(fields=count, accuracy=share, recall=share, precision=share, false_fill=share)
    metrics = METRICS.model_copy(update={"candidate": measured("new", figures, text or "x")})
    one = Bin(low=0.0, high=1 / 15, count=count, mean_score=share, accuracy=share if count else None)
    learned = Learned(answers=(LearnedAnswer(change="new", site=text, signature=text, label=text, after=AGREED),))

    page = render(
        content(
            metrics,
            learned=learned,
            fine_tuning=FineTuningFacts(kept=True, reason=text),
            fine_tuning_details=FineTuningDetails(losses=tuple(losses)),
            calibration=CalibrationDetails(reliability=(one,), budget=BUDGET.model_copy(update={"bound": share})),
        )
    )

    assert Page(page).open == []


def test_the_same_content_gives_the_same_report() -> None:
    assert render(FULL) == render(FULL)


def test_every_check_of_the_gate_is_explained() -> None:
    ancestor = Ancestor(version="oldest", of=2, compared=METRICS.evaluation)

    assert {check.name for check in checks(METRICS.model_copy(update={"ancestor": ancestor}), 0.8)} == set(CHECKS)


def test_every_way_to_decide_is_explained() -> None:
    assert METHODS.keys() == set(get_args(Method))


def test_every_reason_of_quarantine_is_explained() -> None:
    source = "".join(path.read_text("utf-8") for path in sorted(FEEDBACK.glob("*.py")))
    named = set(re.findall(r'quarantined\["([^"]+)"', source)) | set(re.findall(r'"(no [a-z ]+)"', source))

    assert {"malformed row", "no usable verdict", "no matching decision"} <= named <= QUARANTINED.keys()


def test_a_difference_is_shown_in_points_without_a_sign_for_nothing() -> None:
    assert [points(share) for share in (0.0123, -0.0123, 0.0004, -0.0004)] == ["+1.2", "−1.2", "0.0", "0.0"]


@pytest.mark.parametrize(("hits", "of", "low", "high"), [(0, 10, 0.0, 0.278), (9, 10, 0.596, 0.982), (10, 10, 0.722, 1.0)])
def test_the_interval_of_a_bin_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.001)
