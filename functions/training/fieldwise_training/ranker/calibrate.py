"""Calibrates the ranker: one temperature, and a threshold of probability per class."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from fieldwise_common.canonical import NOTHING
from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_training.evaluation.metrics import calibration_bins, calibration_error

MIN_SUPPORT = 20
"""Predictions of a class that its own threshold needs; with fewer, the default applies."""
THRESHOLD_GRID = np.round(np.arange(0.3, 0.96, 0.01), 2)


def softmax(logits: Floats, temperature: float) -> Floats:
    """Float (n, classes): probabilities from logits, row by row."""
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def fit_temperature(logits: Sequence[Floats], truth: Integers) -> float:
    """The temperature that minimises the log loss of the members' mean probabilities (temperature scaling; Guo et al., 2017)."""

    def loss(temperature: float) -> float:
        shares = np.mean([softmax(member, temperature) for member in logits], axis=0)
        return float(-np.log(shares[np.arange(len(truth)), truth] + 1e-9).mean())

    return round(float(minimize_scalar(loss, bounds=(0.3, 4.0), method="bounded").x), 3)


def expected_calibration_error(probabilities: Floats, truth: Integers) -> float:
    """The calibration error of the most probable classes. float32 (n, classes), int (n,); n is at least 1."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    return round(calibration_error(calibration_bins(confidence.tolist(), right.tolist())) or 0.0, 4)


def fit_thresholds(probabilities: Floats, truth: Integers, classes: Sequence[str], wrong_cost: float) -> Mapping[str, float]:
    """The cheapest threshold of each class with at least `MIN_SUPPORT` predictions; a wrong fill costs `wrong_cost` fields left empty.

    Never below `worth_filling`, so that a class that did well on a few forms is not allowed to guess. Costs are smoothed with the mean
    cost over all classes, weighted as `MIN_SUPPORT` further predictions.
    """
    best, score = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = best == truth
    filled = np.array([c != NOTHING for c in classes])[best]
    mean_costs = _costs(score[filled], right[filled], wrong_cost) / max(1, int(filled.sum()))
    fitted = {}
    for number, canonical in enumerate(classes):
        own = best == number
        if canonical != NOTHING and own.sum() >= MIN_SUPPORT:
            costs = _costs(score[own], right[own], wrong_cost) + MIN_SUPPORT * mean_costs
            fitted[canonical] = max(worth_filling(wrong_cost), float(THRESHOLD_GRID[int(costs.argmin())]))
    return fitted


def worth_filling(wrong_cost: float) -> float:
    """The lowest calibrated probability at which a fill is worth its risk: p · 1 = (1 - p) · `wrong_cost`."""
    return round(wrong_cost / (1 + wrong_cost), 4)


def _costs(score: Floats, right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], wrong_cost: float) -> Floats:
    """Per threshold of the grid: wrong fills times `wrong_cost`, plus right predictions left empty."""
    accepted = score[None, :] >= THRESHOLD_GRID[:, None]
    costs: Floats = (wrong_cost * (accepted & ~right).sum(axis=1) + (~accepted & right).sum(axis=1)).astype(np.float32)
    return costs
