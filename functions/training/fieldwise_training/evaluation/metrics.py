"""The metrics of a version, from the prediction and the truth of every field."""

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, computed_field

from fieldwise_common.canonical import NOTHING

WORST = 100
"""How many confusions a version's metrics list."""
BINS = 15
"""Bins of equal width, for the calibration error."""

Same = Callable[[str, str], bool]
"""Whether a prediction counts as the truth: `operator.eq` is strict, a benchmark can be lenient."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One evaluated field: `truth` and `predicted` are canonical ids, or `none` for a field not to be filled."""

    lang: str
    truth: str
    predicted: str


class Share(BaseModel):
    """`hits` of `of` fields."""

    model_config = ConfigDict(frozen=True)

    hits: int
    of: int

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on a property
    @property
    def value(self) -> float | None:
        """The share in 0..1, rounded to 6 digits; None when `of` is 0."""
        return self.rounded(6)

    def rounded(self, digits: int) -> float | None:
        """The share in 0..1; None when `of` is 0."""
        return round(self.hits / self.of, digits) if self.of else None


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of fields, from which all metrics are calculated."""

    fields: int
    meaningful: int
    """Fields whose truth is a canonical id."""
    filled: int
    """Fields predicted to be a canonical id."""
    recognised: int
    """Fields whose truth is a canonical id, and predicted correctly."""
    false_fills: int
    """Fields predicted to be a canonical id whose truth is `none`."""

    @property
    def accuracy(self) -> Share:
        """Top-1: of all fields, those predicted correctly, `none` included."""
        left_empty = self.fields - self.meaningful - self.false_fills
        return Share(hits=self.recognised + left_empty, of=self.fields)

    @property
    def recall(self) -> Share:
        """Of the fields with a canonical id as truth, those predicted correctly."""
        return Share(hits=self.recognised, of=self.meaningful)

    @property
    def precision(self) -> Share:
        """Of the fields with a canonical id as prediction, those predicted correctly."""
        return Share(hits=self.recognised, of=self.filled)

    @property
    def false_fill(self) -> Share:
        """Of the fields with `none` as truth, those with a canonical id as prediction."""
        return Share(hits=self.false_fills, of=self.fields - self.meaningful)


class Figures(BaseModel):
    """Shares in 0..1, rounded to 4 digits; None if there are no fields to take a share of. `Counts` defines them."""

    model_config = ConfigDict(frozen=True)

    fields: int
    accuracy: float | None
    recall: float | None
    precision: float | None
    false_fill: float | None


class Confusion(BaseModel):
    """How many fields of `truth` were predicted to be `predicted`."""

    model_config = ConfigDict(frozen=True)

    truth: str
    predicted: str
    count: int


class Measured(BaseModel):
    """The metrics of one version."""

    model_config = ConfigDict(frozen=True)

    version: str
    overall: Figures
    by_language: Mapping[str, Figures]
    by_canonical: Mapping[str, Figures]
    """Grouped by truth; precision, by prediction."""
    by_method: Mapping[str, int]
    """How many fields were decided by each `method`."""
    confusions: tuple[Confusion, ...]


def measured(version: str, outcomes: Sequence[Outcome], by_method: Mapping[str, int]) -> Measured:
    """All metrics of one version."""
    languages = sorted({o.lang for o in outcomes})
    truths = sorted({o.truth for o in outcomes})
    return Measured(
        version=version,
        overall=figures(outcomes),
        by_language={lang: figures([o for o in outcomes if o.lang == lang]) for lang in languages},
        by_canonical={truth: _figures_of(truth, outcomes) for truth in truths},
        by_method=dict(sorted(by_method.items())),
        confusions=confusions(outcomes)[:WORST],
    )


def count(outcomes: Iterable[Outcome], same: Same = operator.eq) -> Counts:
    """Counts the outcomes; a prediction is correct if it is the `same` as the truth."""
    every = list(outcomes)
    meaningful = [o for o in every if o.truth != NOTHING]
    return Counts(
        fields=len(every),
        meaningful=len(meaningful),
        filled=sum(o.predicted != NOTHING for o in every),
        recognised=sum(same(o.predicted, o.truth) for o in meaningful),
        false_fills=sum(o.predicted != NOTHING for o in every if o.truth == NOTHING),
    )


def precision_of(canonical: str, outcomes: Sequence[Outcome], same: Same = operator.eq) -> Share:
    """Of the fields predicted to be `canonical` (an id or `none`), those predicted correctly."""
    return count((o for o in outcomes if o.predicted == canonical), same).accuracy


def confusions(outcomes: Sequence[Outcome], same: Same = operator.eq) -> tuple[Confusion, ...]:
    """Every pair of a truth and a wrong prediction, the most frequent first."""
    wrong = Counter((o.truth, o.predicted) for o in outcomes if not same(o.predicted, o.truth))
    ranked = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(truth=t, predicted=p, count=n) for (t, p), n in ranked)


def figures(outcomes: Iterable[Outcome]) -> Figures:
    """The metrics over all `outcomes`."""
    counts = count(outcomes)
    return Figures(
        fields=counts.fields,
        accuracy=counts.accuracy.rounded(4),
        recall=counts.recall.rounded(4),
        precision=counts.precision.rounded(4),
        false_fill=counts.false_fill.rounded(4),
    )


def _figures_of(canonical: str, outcomes: Sequence[Outcome]) -> Figures:
    own = figures(o for o in outcomes if o.truth == canonical)
    return own.model_copy(update={"precision": precision_of(canonical, outcomes).rounded(4)})


class Bin(BaseModel):
    """The predictions with a score from `low` up to `high`: their mean score, and the share that is correct."""

    model_config = ConfigDict(frozen=True)

    low: float
    high: float
    count: int
    mean_score: float | None
    accuracy: float | None


def calibration_bins(scores: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """`BINS` bins of scores in 0..1; `right` are the correct predictions, the last bin includes 1.0. Rounded to 6 digits."""
    members: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for score, is_right in zip(scores, right, strict=True):
        members[min(max(int(score * BINS), 0), BINS - 1)].append((score, is_right))
    return tuple(
        Bin(
            low=round(number / BINS, 4),
            high=round((number + 1) / BINS, 4),
            count=len(own),
            mean_score=round(sum(score for score, _ in own) / len(own), 6) if own else None,
            accuracy=round(sum(is_right for _, is_right in own) / len(own), 6) if own else None,
        )
        for number, own in enumerate(members)
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """The expected calibration error: the mean of |mean score - accuracy| over the bins, weighted by their counts.

    Naeini, Cooper, Hauskrecht: Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015. Rounded to 6 digits; None
    if there are no predictions.
    """
    total = sum(one.count for one in bins)
    gaps = [one.count * abs(one.mean_score - one.accuracy) for one in bins if one.mean_score is not None and one.accuracy is not None]
    return round(sum(gaps) / total, 6) if total else None


def percent(share: float | None) -> str:
    """A share for people: `93.7%`, or a dash for None."""
    return "–" if share is None else f"{share:.1%}"
