"""From the results of all fields to the figures, as they are written to `quality.json`.

What precision, recall, false fill and calibration error are is defined in one place, the gate's metrics; here a prediction is
right when it is equivalent to the truth.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from benchmarks.quality.bad_input import BadInput, bad_input
from benchmarks.quality.kinds import Form, Frozen, Kinds, kinds
from benchmarks.quality.measure import Result
from benchmarks.shared.truth import TruthField, equivalent

from fieldwise_common.canonical import NOTHING
from fieldwise_training.evaluation.metrics import (
    Bin,
    Confusion,
    Counts,
    Outcome,
    Share,
    calibration_bins,
    calibration_error,
    confusions,
    count,
    precision_of,
)

ENGLISH = "en"
SURE = 0.985
"""The precision at which recall is compared: more recall at the cost of precision is no gain."""
MIN_OF_KIND = 100
"""Kinds of form with fewer decisions get no calibration error of their own: it would be mostly noise."""


class Figures(Frozen):
    """How well a set of fields was understood. All but `recall_exact` count equivalent ids as right."""

    fields: int
    sites: int
    recall: Share
    recall_exact: Share
    precision: Share
    false_fill: Share
    overall: Share
    """Top-1 accuracy, `none` included."""


HEADLINES = ("recall", "recall_exact", "precision", "false_fill", "overall")


class Reference(Frozen):
    """A browser's own heuristics on the fields for which their answer is known, and this version on the same fields."""

    source: str
    theirs: Figures
    ours: Figures
    ratios: Mapping[str, float | None]
    """By figure: ours on all fields of the file, divided by theirs."""
    ratios_same_fields: Mapping[str, float | None]
    """By figure: ours on the same fields, divided by theirs."""


class CanonicalFigures(Frozen):
    """How well one id is recognised. `support`: the fields whose truth it is."""

    canonical: str
    support: int
    recall: Share
    precision: Share


class CurvePoint(Frozen):
    """The figures when every field is filled whose score is `threshold` or more."""

    threshold: float
    recall: float | None
    precision: float | None
    false_fill: float | None
    overall: float | None


class Calibration(Frozen):
    """Whether a score is a probability: over every decision that names an id of the vocabulary, a negative one included."""

    decisions: int
    expected_error: float | None
    bins: tuple[Bin, ...]
    by_method: Mapping[str, float]
    """The calibration error of each method, over its own decisions: the methods' scores are not comparable."""
    by_kind: Mapping[str, float]
    """The same for each kind of form with `MIN_OF_KIND` decisions."""


class Timing(Frozen):
    """Milliseconds to decide about a form."""

    forms: int
    median_ms: float
    slowest_ms: float


class Quality(Frozen):
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
    """How often which accepted id was outside the vocabulary and counted as `none`."""
    operating_point: CurvePoint | None
    """Where the version's own thresholds stand; `threshold` is the lowest accepted score. None when nothing was accepted."""
    curve: tuple[CurvePoint, ...]
    recall_when_sure: float | None
    """The highest recall on the curve at a precision of `SURE` or more; None if no threshold reaches it."""
    calibration: Calibration
    timing: Timing
    kinds: Kinds
    bad_input: BadInput | None
    """None for forms that are not of its kinds."""


def assess(
    truth: str, model_version: str, forms: Sequence[Form], seconds: Sequence[float], compared: Mapping[str, Sequence[Form]] | None = None
) -> Quality:
    """All the figures. `seconds`: how long each form took. `compared`: by name, the same forms as other versions answer them."""
    results = [result for form in forms for result in form]
    outcomes = [outcome_of(one.field, one.predicted) for one in results]
    points = curve(results)
    return Quality(
        truth=truth,
        model_version=model_version,
        overall=figures_of(results),
        references=references(results),
        english_and_others=by(results, lambda one: "English" if one.field.lang == ENGLISH else "others, pooled"),
        by_language=by(results, lambda one: one.field.lang),
        by_source=by(results, lambda one: one.field.source or "unnamed"),
        by_canonical=by_canonical(outcomes),
        confusions=confusions(outcomes, equivalent),
        outcomes=_frequencies(one.outcome for one in results),
        methods=_frequencies(one.method for one in results),
        outside_vocabulary=_frequencies(one.named for one in results if one.outcome == "accepted" and not one.in_vocabulary),
        operating_point=operating_point(results),
        curve=points,
        recall_when_sure=max((one.recall for one in points if one.recall is not None and (one.precision or 0) >= SURE), default=None),
        calibration=calibration(results),
        timing=Timing(forms=len(seconds), median_ms=round(1000 * statistics.median(seconds), 3), slowest_ms=round(1000 * max(seconds), 3)),
        kinds=kinds(forms, compared or {}),
        bad_input=bad_input(forms),
    )


def outcome_of(field: TruthField, predicted: str) -> Outcome:
    """A field and its prediction, as the metrics count them: of several right ids, the predicted one is the truth."""
    return Outcome(field.lang, predicted if predicted in field.accepted else field.truth, predicted)


def figures(predictions: Iterable[tuple[TruthField, str]]) -> Figures:
    """The figures of fields, each with its predicted id (`none`: left empty)."""
    pairs = list(predictions)
    outcomes = [outcome_of(*pair) for pair in pairs]
    counts = count(outcomes, equivalent)
    return Figures(
        fields=counts.fields,
        sites=len({field.site for field, _ in pairs}),
        recall=counts.recall,
        recall_exact=count(outcomes).recall,
        precision=counts.precision,
        false_fill=counts.false_fill,
        overall=counts.accuracy,
    )


def figures_of(results: Iterable[Result]) -> Figures:
    """The figures of this version's predictions."""
    return figures((one.field, one.predicted) for one in results)


def value_of(of: Figures, name: str) -> float | None:
    """The value of one headline figure."""
    share: Share = getattr(of, name)
    return share.value


def references(results: Sequence[Result]) -> tuple[Reference, ...]:
    """One reference for each source that has fields with a browser's answer."""
    sources = sorted({one.field.source for one in results if one.field.peer})
    return tuple(_reference(source, results) for source in sources)


def _reference(source: str, results: Sequence[Result]) -> Reference:
    own = [one for one in results if one.field.source == source and one.field.peer]
    theirs, ours = figures((one.field, one.field.peer) for one in own), figures_of(own)
    return Reference(
        source=source,
        theirs=theirs,
        ours=ours,
        ratios=_ratios(figures_of(results), theirs),
        ratios_same_fields=_ratios(ours, theirs),
    )


def _ratios(ours: Figures, theirs: Figures) -> dict[str, float | None]:
    return {name: _ratio(value_of(ours, name), value_of(theirs, name)) for name in HEADLINES}


def _ratio(one: float | None, other: float | None) -> float | None:
    return round(one / other, 6) if one is not None and other else None


def by(results: Sequence[Result], key: Callable[[Result], str]) -> dict[str, Figures]:
    """The figures of each part, by its name; the largest part first."""
    parts: dict[str, list[Result]] = {}
    for one in results:
        parts.setdefault(key(one), []).append(one)
    return {name: figures_of(part) for name, part in sorted(parts.items(), key=lambda item: (-len(item[1]), item[0]))}


def by_canonical(outcomes: Sequence[Outcome]) -> tuple[CanonicalFigures, ...]:
    """Every id that is a truth or a prediction; the most frequent truth first."""
    support = Counter(one.truth for one in outcomes)
    ids = sorted({*support, *(one.predicted for one in outcomes)} - {NOTHING}, key=lambda canonical: (-support[canonical], canonical))
    return tuple(
        CanonicalFigures(
            canonical=canonical,
            support=support[canonical],
            recall=count((one for one in outcomes if one.truth == canonical), equivalent).recall,
            precision=precision_of(canonical, outcomes, equivalent),
        )
        for canonical in ids
    )


def _frequencies(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def operating_point(results: Sequence[Result]) -> CurvePoint | None:
    """The figures at the version's own thresholds."""
    accepted = [one.score for one in results if one.outcome == "accepted"]
    return _point(min(accepted), count((outcome_of(one.field, one.predicted) for one in results), equivalent)) if accepted else None


def curve(results: Sequence[Result]) -> tuple[CurvePoint, ...]:
    """One point for each score of a field that could be filled, the highest first.

    A field that is certainly nothing stays empty at any threshold.
    """
    meaningful = sum(one.field.truth != NOTHING for one in results)
    candidates = sorted((one for one in results if one.could_be_filled), key=lambda one: -one.score)
    filled = recognised = false_fills = 0
    points: list[CurvePoint] = []
    for score, group in groupby(candidates, key=lambda one: one.score):
        for one in group:
            filled += 1
            recognised += one.names_truth
            false_fills += one.field.truth == NOTHING
        points.append(_point(score, Counts(len(results), meaningful, filled, recognised, false_fills)))
    return tuple(points)


def _point(threshold: float, counts: Counts) -> CurvePoint:
    return CurvePoint(
        threshold=threshold,
        recall=counts.recall.value,
        precision=counts.precision.value,
        false_fill=counts.false_fill.value,
        overall=counts.accuracy.value,
    )


def calibration(results: Sequence[Result]) -> Calibration:
    """The calibration of all decisions, and of those of each method and of each kind of form."""
    named = [one for one in results if one.named and one.in_vocabulary]
    methods = sorted({one.method for one in named})
    errors = {method: calibration_error(_bins([one for one in named if one.method == method])) for method in methods}
    counts = Counter(one.field.source for one in named)
    of_kinds = {
        kind: calibration_error(_bins([one for one in named if one.field.source == kind]))
        for kind, count in counts.most_common()
        if count >= MIN_OF_KIND
    }
    bins = _bins(named)
    return Calibration(
        decisions=len(named),
        expected_error=calibration_error(bins),
        bins=bins,
        by_method={method: error for method, error in errors.items() if error is not None},
        by_kind={kind: error for kind, error in of_kinds.items() if kind and error is not None},
    )


def _bins(results: Sequence[Result]) -> tuple[Bin, ...]:
    return calibration_bins([one.score for one in results], [one.names_truth for one in results])
