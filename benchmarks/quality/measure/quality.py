"""All of it together: `quality.json`."""

import statistics
from collections.abc import Mapping, Sequence

from benchmarks.quality.measure.breakdown import (
    CanonicalFigures,
    Confusion,
    by,
    by_canonical,
    confusions,
    counts,
    english_and_others,
    outside,
)
from benchmarks.quality.measure.calibration import Calibration, calibration
from benchmarks.quality.measure.curve import CurvePoint, curve
from benchmarks.quality.measure.figures import Figure, Figures, Reference, figures_of, references
from benchmarks.quality.measure.judged import Judged


class Timing(Figure):
    """Milliseconds from the event to the answer, one request a form."""

    forms: int
    median_ms: float
    slowest_ms: float


class Quality(Figure):
    """How well one version understands one set of forms."""

    truth: str
    model_version: str
    overall: Figures
    references: tuple[Reference, ...]
    english_and_others: Mapping[str, Figures]
    by_language: Mapping[str, Figures]
    by_source: Mapping[str, Figures]
    by_canonical: tuple[CanonicalFigures, ...]
    confusions: tuple[Confusion, ...]
    outcomes: Mapping[str, int]
    methods: Mapping[str, int]
    outside_vocabulary: Mapping[str, int]
    operating_point: CurvePoint | None
    """Where the version's own thresholds stand; its `threshold` is the lowest score that was accepted. None: nothing was."""
    curve: tuple[CurvePoint, ...]
    calibration: Calibration
    timing: Timing


def assess(truth: str, model_version: str, judged: Sequence[Judged], seconds: Sequence[float]) -> Quality:
    """Every figure there is. `seconds`: how long each form took."""
    overall = figures_of(judged)
    return Quality(
        truth=truth,
        model_version=model_version,
        overall=overall,
        references=references(judged),
        english_and_others=english_and_others(judged),
        by_language=by(judged, lambda one: one.field.lang),
        by_source=by(judged, lambda one: one.field.source or "unnamed"),
        by_canonical=by_canonical(judged),
        confusions=confusions(judged),
        outcomes=counts([one.outcome for one in judged]),
        methods=counts([one.method for one in judged]),
        outside_vocabulary=outside(judged),
        operating_point=_operating_point(overall, judged),
        curve=curve(judged),
        calibration=calibration(judged),
        timing=Timing(forms=len(seconds), median_ms=round(1000 * statistics.median(seconds), 3), slowest_ms=round(1000 * max(seconds), 3)),
    )


def _operating_point(overall: Figures, judged: Sequence[Judged]) -> CurvePoint | None:
    accepted = [one.score for one in judged if one.outcome == "accepted"]
    if not accepted:
        return None
    return CurvePoint(
        threshold=min(accepted),
        recall=overall.recall.value,
        precision=overall.precision.value,
        false_fill=overall.false_fill.value,
        overall=overall.overall.value,
    )
