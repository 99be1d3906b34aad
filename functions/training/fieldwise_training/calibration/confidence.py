"""How likely a prediction is right, given its score: a logistic regression with an offset per group, most of them small.

The offsets have a normal prior (partial pooling; Gelman and Hill, 2007): a group with little evidence is treated as all groups together,
one with much as its own predictions show. The model is monotone in the score, so a threshold follows from a level of confidence in closed
form, and the thresholds of a higher level admit a subset of the predictions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Doubles = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Bounds = tuple[float | None, float | None]

PRIOR_DEVIATION = 1.0
"""Standard deviation of the prior of every coefficient, in log-odds."""
LEAST_SLOPE = 0.1
"""A higher score never means less confidence, whatever a few predictions suggest."""
NEAREST_TO_CERTAIN = 1e-6
"""Scores are clipped to this distance from 0 and 1, where the log-odds are infinite."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """log-odds of being right = intercept + slope * log-odds of the score + offset of the group (0 for a group without evidence)."""

    intercept: float = 0.0
    slope: float = 1.0
    offsets: Mapping[str, float] | None = None

    def of(self, scores: Doubles, groups: Sequence[str]) -> Doubles:
        """float64 (n,): the confidence of each prediction."""
        offsets = np.array([self._offset(group) for group in groups], np.float64)
        found: Doubles = expit(self.intercept + self.slope * log_odds(scores) + offsets)
        return found

    def threshold(self, level: float, group: str = "") -> float:
        """The score (0..1) from which a prediction of the group has at least the confidence `level`."""
        return float(expit((logit(level) - self.intercept - self._offset(group)) / self.slope))

    def _offset(self, group: str) -> float:
        return (self.offsets or {}).get(group, 0.0)


def log_odds(scores: Doubles) -> Doubles:
    """float64 (n,), clipped."""
    found: Doubles = logit(np.clip(scores.astype(np.float64), NEAREST_TO_CERTAIN, 1 - NEAREST_TO_CERTAIN))
    return found


def fit_confidence(scores: Doubles, groups: Sequence[str], right: Booleans) -> Confidence:
    """The most probable coefficients. Without any prediction: the score itself is the confidence."""
    design = np.column_stack([np.ones(len(scores)), log_odds(scores)])
    (intercept, slope), offsets = ridge_logistic(design, groups, right, prior=np.array([0.0, 1.0]), bounds={1: (LEAST_SLOPE, None)})
    return Confidence(intercept, slope, offsets)


def ridge_logistic(
    design: Doubles, groups: Sequence[str], right: Booleans, prior: Doubles, bounds: Mapping[int, Bounds]
) -> tuple[list[float], dict[str, float]]:
    """The coefficients of a logistic regression with an offset per group, drawn towards `prior` as by a normal prior; offsets towards 0.

    design: (n, k). `bounds`: by column, the lowest and the highest value of its coefficient.

    Returns the k coefficients, and the offset of each group.
    """
    names = sorted(set(groups))
    number = {name: i for i, name in enumerate(names)}
    owner = np.array([number[group] for group in groups], np.int64)
    columns = design.shape[1]
    centre = np.concatenate([prior, np.zeros(len(names))])
    sign = np.where(right, 1.0, -1.0)

    def loss(coefficients: Doubles) -> tuple[float, Doubles]:
        margin = sign * (design @ coefficients[:columns] + coefficients[columns:][owner])
        pull = sign * expit(-margin)
        away = (coefficients - centre) / PRIOR_DEVIATION**2
        gradient = away - np.concatenate([design.T @ pull, np.bincount(owner, pull, minlength=len(names))])
        return float(np.logaddexp(0, -margin).sum() + 0.5 * away @ (coefficients - centre)), gradient

    every = [bounds.get(column, (None, None)) for column in range(len(centre))]
    found = minimize(loss, centre, jac=True, method="L-BFGS-B", bounds=every).x.tolist()
    return found[:columns], dict(zip(names, found[columns:], strict=True))
