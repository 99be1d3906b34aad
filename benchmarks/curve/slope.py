"""The curve through the points of a language, and what it says about more fields.

The share of wrong answers falls as a power of the number of fields: a straight line of log error over log fields, fitted by least
squares (Cortes et al.: Learning curves: asymptotic values and rate of convergence, 1993; Hestness et al.: Deep learning scaling is
predictable, empirically, 2017; what else was proposed: Viering, Loog: The shape of learning curves, a review, 2022).
"""

from collections.abc import Callable, Sequence

import numpy as np
from benchmarks.curve.points import Point, fields_of
from benchmarks.shared.site_counts import COLUMNS, SHARES, Counts, MeasuredForms, draws, interval, share_of
from pydantic import BaseModel, ConfigDict

MORE_FIELDS = 1_000
RESAMPLES = 1_000
ALL, NOT_ENGLISH, ENGLISH = "all", "all but en", "en"
HALF = 0.5
"""Added to the wrong fields, as no logarithm of 0 exists: a language without an error has half of one."""


class Estimate(BaseModel):
    """Points of percent, with the interval (95 %) over the measured sites."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


class LanguageCurve(BaseModel):
    """The points of one language, each list in the order of the shares; shares in per cent, None without fields to take one of."""

    model_config = ConfigDict(frozen=True)

    language: str
    measured_fields: int
    measured_sites: int
    trained_on: tuple[int, ...]
    overall: tuple[float, ...]
    recall: tuple[float | None, ...]
    precision: tuple[float | None, ...]
    false_fill: tuple[float | None, ...]
    last_doubling: Estimate | None
    """Overall at the last share less overall at the one before; None if that is no larger number of fields."""
    more_fields: Estimate | None
    """What `MORE_FIELDS` further fields of the language would bring to overall, by the fitted curve; None with fewer than two points."""
    exponent: float | None
    """Of the fitted curve: the error falls as fields to this power; 0 is flat."""
    is_far: bool
    """Whether `more_fields` is more than one doubling beyond the last point."""


def curves(points: Sequence[Point], number: int, measured: MeasuredForms, min_fields: int) -> tuple[LanguageCurve, ...]:
    """All languages together first, then all but English, then each with at least `min_fields` measured fields.

    The languages that would gain most come first. `number`: which of the measured sets it is.
    """
    counts = np.stack([point.counts[number] for point in points], axis=1)  # (rows, points, columns)
    measured_in = sorted({lang for lang, _ in measured.rows})
    trained_in = sorted({lang for point in points for lang in point.fields})

    def curve(name: str, is_in: Callable[[str], bool]) -> LanguageCurve:
        rows = np.concatenate([counts[measured.rows_of(lang)] for lang in measured_in if is_in(lang)])
        return _curve(name, rows, fields_of(points, [lang for lang in trained_in if is_in(lang)]))

    found = [curve(lang, lang.__eq__) for lang in measured_in]
    large = [one for one in found if one.measured_fields >= min_fields]
    large.sort(key=lambda one: (-(one.more_fields.value if one.more_fields else -np.inf), one.language))
    pooled = [curve(ALL, lambda _: True)]
    if ENGLISH in measured_in and len(measured_in) > 1:
        pooled.append(curve(NOT_ENGLISH, ENGLISH.__ne__))
    return (*pooled, *large)


def _curve(lang: str, rows: Counts, trained_on: Counts) -> LanguageCurve:
    """`rows`: float (sites, points, COLUMNS). `trained_on`: float (points,)."""
    total = rows.sum(axis=0)
    resampled = np.einsum("rs,spc->rpc", draws(len(rows), RESAMPLES), rows)
    shares = {name: share_of(total, name) for name in SHARES}
    has_grown = len(trained_on) > 1 and trained_on[-1] > trained_on[-2]
    last = [share_of(one, "overall")[..., -1] - share_of(one, "overall")[..., -2] for one in (total, resampled)] if has_grown else None
    is_known = trained_on > 0
    more, exponent = None, None
    if len(set(trained_on[is_known])) > 1:
        here, after = (gain_of_more(one[..., is_known, :], trained_on[is_known]) for one in (total, resampled))
        more, exponent = [here[0], after[0]], round(float(here[1]), 3)
    return LanguageCurve(
        language=lang,
        measured_fields=int(total[-1, COLUMNS.index("fields")]),
        measured_sites=len(rows),
        trained_on=tuple(int(one) for one in trained_on),
        overall=tuple(round(float(one), 2) for one in shares["overall"]),
        recall=_known(shares["recall"]),
        precision=_known(shares["precision"]),
        false_fill=_known(shares["false_fill"]),
        last_doubling=_estimate(*last) if last is not None else None,
        more_fields=_estimate(*more) if more is not None else None,
        exponent=exponent,
        is_far=bool(trained_on[-1] < MORE_FIELDS),
    )


def gain_of_more(counts: Counts, trained_on: Counts) -> tuple[Counts, Counts]:
    """The points of overall that `MORE_FIELDS` further fields bring, and the exponent of the curve.

    `counts`: float (..., points, COLUMNS). `trained_on`: float (points,), all positive and not all equal. Both results: float (...).
    """
    fields, right = (counts[..., COLUMNS.index(column)] for column in ("fields", "right"))
    error = np.log((fields - right + HALF) / (fields + 2 * HALF))
    x = np.log(trained_on)
    exponent = ((x - x.mean()) * (error - error.mean(axis=-1, keepdims=True))).sum(axis=-1) / ((x - x.mean()) ** 2).sum()
    here, there = (np.exp(error.mean(axis=-1) + exponent * (np.log(n) - x.mean())) for n in (trained_on[-1], trained_on[-1] + MORE_FIELDS))
    return 100 * (here - there), exponent


def _estimate(value: Counts, resampled: Counts) -> Estimate:
    low, high = interval(resampled)
    return Estimate(value=round(float(value), 2), low=round(low, 2), high=round(high, 2))


def _known(shares: Counts) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(one) else round(float(one), 2) for one in shares)
