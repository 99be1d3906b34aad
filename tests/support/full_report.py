"""The content of a report that has every section."""

from datetime import UTC, datetime

from fieldwise_inference.classify.sites import SiteAnswer
from fieldwise_training.evaluation.comparison import Comparison, Flip
from fieldwise_training.evaluation.details import Budget, CalibrationDetails, FineTuningDetails, Fitted, LanguageGain
from fieldwise_training.evaluation.intervals import Difference
from fieldwise_training.evaluation.metrics import Confusion, Figures, Measured, calibration_bins
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.evaluation.report.content import ReportContent
from fieldwise_training.evaluation.verdict import checks, judge
from fieldwise_training.feedback.learned import Learned, LearnedAnswer, LearnedText
from fieldwise_training.state import FeedbackFacts, FineTuningFacts, LearningFacts, Mode

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
FIGURES = Figures(fields=400, accuracy=0.9, recall=0.85, precision=0.97, false_fill=0.02)
AGREED = SiteAnswer(canonical="tel", agree=3)
LOST = Flip(form="a.example, signup", label="E-mail", truth="email", before="email", after="none")
FITTED = Fitted(value=0.61, fields=120, votes=20, right=117, accepted=110, low=0.93, high=0.99)
BUDGET = Budget(budget=0.005, bound=0.004, is_kept=True, sites=90, fills=2000, wrong=5, coverage=0.81, coverage_without=0.86)


def measured(version: str, figures: Figures = FIGURES, canonical: str = "email") -> Measured:
    return Measured(
        version=version,
        overall=figures,
        by_language={"en": figures},
        by_canonical={canonical: figures},
        by_method={"ranker": figures.fields},
        confusions=(Confusion(truth=canonical, predicted="tel", count=3), Confusion(truth="none", predicted=canonical, count=1)),
    )


METRICS = Metrics(
    candidate=measured("new"),
    champion=measured("old"),
    encoder=None,
    forms=40,
    sites=30,
    evaluation=Comparison(fields=400, right=360, champion_right=352, lost=2, won=10, p=0.99, p_of_wrong_fills=0.5, flipped=(LOST,)),
    guard=Comparison(fields=9, right=9, champion_right=9, p=1.0),
    differences={"accuracy": Difference(value=0.02, low=0.004, high=0.036)},
)
FIRST = Metrics(candidate=measured("new"), champion=None, encoder=None)


def content(metrics: Metrics = METRICS, mode: Mode = Mode.FULL_TRAIN, **more: object) -> ReportContent:
    given = {"facts": {"mode": mode}, "parameters": {"min_accuracy": 0.8}, **more}
    return ReportContent(metrics, judge(metrics, mode, 0.8), checks(metrics, 0.8), NOW, **given)  # type: ignore[arg-type]


FULL = content(
    learned=Learned(
        answers=(LearnedAnswer(change="new", site="s", signature="a-b-0", label="Fon", after=AGREED),),
        texts=(LearnedText(text="Handynummer", canonical="tel", sites=12, users=30, against=1),),
    ),
    feedback=FeedbackFacts(
        rows=9, new_votes=5, capped={"votes of one user": 2}, quarantined={"no matching decision": 3}, changes={"new": 1}
    ),
    learning=LearningFacts(forms=8, sites=4, users=6, fields=31, rejected=5, new_fields=31, weight=12.5, warm_start=True),
    fine_tuning=FineTuningFacts(kept=False, reason="It is worse in German."),
    fine_tuning_details=FineTuningDetails(losses=(1.5, 0.25), by_language={"de": LanguageGain(fields=50, before=40, after=38)}),
    calibration=CalibrationDetails(
        lexical=FITTED,
        semantic=FITTED,
        weights={"short_text": 0.1},
        ranker=FITTED,
        ranker_by_canonical={"email": FITTED.model_copy(update={"value": 0.77}), "tel": FITTED.model_copy(update={"pooled": True})},
        reliability=calibration_bins([0.9, 0.95, 0.3], [True, True, False]),
        budget=BUDGET,
    ),
    seconds={"load": 3.0, "ranker": 60.5},
    data={"corpus": "abc123"},
)
