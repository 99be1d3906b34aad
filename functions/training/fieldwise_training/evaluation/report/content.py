"""All that a report shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.evaluation.details import CalibrationDetails, FineTuningDetails
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.evaluation.shadow import NO_SHADOWS, Shadows
from fieldwise_training.evaluation.verdict import Check
from fieldwise_training.feedback.learned import Learned
from fieldwise_training.state import FeedbackFacts, FineTuningFacts, LearningFacts


@dataclass(frozen=True, slots=True)
class ReportContent:
    """What is None or empty has no section: a version of an earlier release, or a run without that step."""

    metrics: Metrics
    verdict: Verdict
    checks: Sequence[Check]
    """The checks behind the verdict."""
    made_at: datetime
    learned: Learned = field(default_factory=Learned)
    feedback: FeedbackFacts | None = None
    learning: LearningFacts | None = None
    is_ranker_reused: bool = False
    """Whether `learning` is what the parent's ranker learned, which this version has."""
    shadows: Shadows = NO_SHADOWS
    """What candidates in shadow decided otherwise, in what this run read of the log."""
    fine_tuning: FineTuningFacts | None = None
    fine_tuning_details: FineTuningDetails | None = None
    calibration: CalibrationDetails | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    """How long each step took, in the order of the steps."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """About the run, in the order they are shown in."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each kind of data, by its name in the manifest."""
