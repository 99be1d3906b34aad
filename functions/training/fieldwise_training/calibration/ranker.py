"""The thresholds of the ranker's probabilities: per id, from what a wrong fill costs."""

from collections.abc import Mapping

import numpy as np

from fieldwise_inference.classify.thresholds import RankerThresholds
from fieldwise_training.calibration.confidence import Booleans, Doubles
from fieldwise_training.calibration.evidence import AUTOCOMPLETE, Evidence
from fieldwise_training.calibration.fitted import fitted
from fieldwise_training.evaluation.details import Fitted

MIN_SUPPORT = 20
"""Predictions of an id that its own threshold needs; with fewer, the default applies."""
GRID = np.round(np.arange(0.3, 0.96, 0.01), 2)


def fit_thresholds(evidence: Evidence, wrong_cost: float) -> RankerThresholds:
    """The cheapest threshold of each id with at least `MIN_SUPPORT` predictions; a wrong fill costs `wrong_cost` fields left empty.

    Never below `worth_filling`, so that an id that did well on a few forms is not allowed to guess. Costs are smoothed with the mean cost
    over all ids, weighted as `MIN_SUPPORT` further predictions.
    """
    of_ranker = evidence.where(evidence.fillable & (np.array(evidence.group) != AUTOCOMPLETE))
    default = worth_filling(wrong_cost)
    mean_costs = _costs(of_ranker.score, of_ranker.right, wrong_cost) / max(1, len(of_ranker))
    thresholds = {}
    for canonical, own in by_group(of_ranker).items():
        if len(own) >= MIN_SUPPORT:
            costs = _costs(own.score, own.right, wrong_cost) + MIN_SUPPORT * mean_costs
            thresholds[canonical] = max(default, float(GRID[int(costs.argmin())]))
    return RankerThresholds(wrong_cost=wrong_cost, default=default, per_canonical=thresholds)


def worth_filling(wrong_cost: float) -> float:
    """The lowest calibrated probability at which a fill is worth its risk: p * 1 = (1 - p) * `wrong_cost`."""
    return round(wrong_cost / (1 + wrong_cost), 4)


def by_group(evidence: Evidence) -> dict[str, Evidence]:
    """The evidence of each group, sorted by its name."""
    groups = np.array(evidence.group)
    return {group: evidence.where(groups == group) for group in sorted(set(evidence.group))}


def described(thresholds: RankerThresholds, evidence: Evidence) -> tuple[Fitted, Mapping[str, Fitted]]:
    """The default threshold and that of each predicted id, with what speaks for them. An id without one of its own is `pooled`."""
    filled = evidence.where(evidence.fillable & (np.array(evidence.group) != AUTOCOMPLETE))
    own = {
        canonical: fitted(thresholds.of(canonical), one.score, one.right, one.voted, pooled=canonical not in thresholds.per_canonical)
        for canonical, one in by_group(filled).items()
    }
    return fitted(thresholds.default, filled.score, filled.right, filled.voted), own


def _costs(score: Doubles, right: Booleans, wrong_cost: float) -> Doubles:
    """Per threshold of the grid: wrong fills times `wrong_cost`, plus right predictions left empty."""
    accepted = score[None, :] >= GRID[:, None]
    costs: Doubles = (wrong_cost * (accepted & ~right).sum(axis=1) + (~accepted & right).sum(axis=1)).astype(np.float64)
    return costs
