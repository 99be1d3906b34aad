"""The thresholds of the ranker's probabilities: per id, from what a wrong fill costs."""

from collections.abc import Mapping

import numpy as np

from fieldwise_inference.classify.ranker.decide import DIGITS
from fieldwise_inference.classify.thresholds import RankerThresholds
from fieldwise_training.calibration.confidence import fit_confidence
from fieldwise_training.calibration.evidence import AUTOCOMPLETE, Evidence
from fieldwise_training.calibration.fitted import fitted
from fieldwise_training.evaluation.details import Fitted

LOWEST = 0.5
"""No id is filled below it, however often it was right on the calibration forms: all other answers together are likelier."""


def fit_thresholds(evidence: Evidence, wrong_cost: float) -> RankerThresholds:
    """The threshold of each predicted id: the probability from which its predictions are right often enough to be worth filling.

    A prediction of probability 2/3 need not be right in two of three cases: one temperature for all classes, and the product with the
    probability that the field is the user's, leave middling probabilities too low, for some ids more than for others. `fit_confidence`
    tells how often they are right; an id with few predictions is judged as all together. Ids that were never predicted have the default.
    """
    of_ranker = _of_ranker(evidence)
    if not len(of_ranker):
        return RankerThresholds(wrong_cost=wrong_cost, default=worth_filling(wrong_cost))
    confidence = fit_confidence(of_ranker.score, of_ranker.group, of_ranker.right)

    def threshold(canonical: str = "") -> float:
        return round(max(LOWEST, confidence.threshold(worth_filling(wrong_cost), canonical)), DIGITS)

    return RankerThresholds(
        wrong_cost=wrong_cost,
        default=threshold(),
        per_canonical={canonical: threshold(canonical) for canonical in sorted(set(of_ranker.group))},
    )


def worth_filling(wrong_cost: float) -> float:
    """How often a fill must be right to be worth its risk: p * 1 = (1 - p) * `wrong_cost`."""
    return round(wrong_cost / (1 + wrong_cost), 4)


def by_group(evidence: Evidence) -> dict[str, Evidence]:
    """The evidence of each group, sorted by its name."""
    groups = np.array(evidence.group)
    return {group: evidence.where(groups == group) for group in sorted(set(evidence.group))}


def described(thresholds: RankerThresholds, evidence: Evidence) -> tuple[Fitted, Mapping[str, Fitted]]:
    """The default threshold and that of each predicted id, with what speaks for them. An id without one of its own is `pooled`."""
    filled = _of_ranker(evidence)
    own = {
        canonical: fitted(thresholds.of(canonical), one.score, one.right, one.voted, pooled=canonical not in thresholds.per_canonical)
        for canonical, one in by_group(filled).items()
    }
    return fitted(thresholds.default, filled.score, filled.right, filled.voted), own


def _of_ranker(evidence: Evidence) -> Evidence:
    """The fills that the ranker decides about."""
    return evidence.where(evidence.fillable & (np.array(evidence.group) != AUTOCOMPLETE))
