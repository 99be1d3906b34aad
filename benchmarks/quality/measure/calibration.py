"""Whether a score is a probability: of the fields that scored 0.8, eight in ten should be right."""

from collections.abc import Mapping, Sequence

from benchmarks.quality.measure.figures import Figure
from benchmarks.quality.measure.judged import Judged

BINS = 15


class Bin(Figure):
    """The decisions that scored from `low` up to `high`: how sure they were on average, and how often right."""

    low: float
    high: float
    count: int
    mean_score: float | None
    accuracy: float | None


class Calibration(Figure):
    """Over every decision that names an id the truth can judge, a negative one included."""

    decisions: int
    expected_error: float | None
    """Expected calibration error: the mean of |mean score - accuracy| over the bins, weighted by their counts
    (Naeini, Cooper, Hauskrecht: Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015)."""
    bins: tuple[Bin, ...]
    by_method: Mapping[str, float]
    """The same error of each method's own decisions: the methods' scores are on scales of their own."""


def calibration(judged: Sequence[Judged]) -> Calibration:
    """The calibration of all decisions, and of each method's."""
    named = [one for one in judged if one.named and one.is_judgeable]
    bins = _bins(named)
    methods = sorted({one.method for one in named})
    errors = {method: _expected_error(_bins([one for one in named if one.method == method])) for method in methods}
    return Calibration(
        decisions=len(named),
        expected_error=_expected_error(bins),
        bins=bins,
        by_method={method: error for method, error in errors.items() if error is not None},
    )


def _bins(named: Sequence[Judged]) -> tuple[Bin, ...]:
    """`BINS` bins of equal width; the last one holds 1.0 too."""
    held: list[list[Judged]] = [[] for _ in range(BINS)]
    for one in named:
        held[min(max(int(one.score * BINS), 0), BINS - 1)].append(one)
    return tuple(
        Bin(
            low=round(number / BINS, 4),
            high=round((number + 1) / BINS, 4),
            count=len(own),
            mean_score=round(sum(one.score for one in own) / len(own), 6) if own else None,
            accuracy=round(sum(one.names_the_truth for one in own) / len(own), 6) if own else None,
        )
        for number, own in enumerate(held)
    )


def _expected_error(bins: Sequence[Bin]) -> float | None:
    total = sum(one.count for one in bins)
    gaps = [one.count * abs(one.mean_score - one.accuracy) for one in bins if one.mean_score is not None and one.accuracy is not None]
    return round(sum(gaps) / total, 6) if total else None
