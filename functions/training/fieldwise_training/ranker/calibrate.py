"""How sure the ranker may be: one temperature, and from which probability each meaning counts."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from fieldwise_common.canonical import NOTHING
from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_training.evaluation.metrics import calibration_bins, calibration_error

FEWEST = 20
"""Predictions of a meaning from which its own threshold is fitted; below, the default stands."""
STEPS = np.round(np.arange(0.3, 0.96, 0.01), 2)


def softmax(logits: Floats, temperature: float) -> Floats:
    """Rows of probabilities from rows of logits."""
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def fit_temperature(logits: Sequence[Floats], truth: Integers) -> float:
    """The temperature at which the members' mean probabilities of the truth are likeliest (Guo et al., 2017)."""

    def loss(temperature: float) -> float:
        shares = np.mean([softmax(member, temperature) for member in logits], axis=0)
        return float(-np.log(shares[np.arange(len(truth)), truth] + 1e-9).mean())

    return round(float(minimize_scalar(loss, bounds=(0.3, 4.0), method="bounded").x), 3)


def expected_calibration_error(probabilities: Floats, truth: Integers) -> float:
    """The calibration error of the most probable classes. float32 (n, classes), int (n,); n is at least 1."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    return round(calibration_error(calibration_bins(confidence.tolist(), right.tolist())) or 0.0, 4)


def fit_thresholds(probabilities: Floats, truth: Integers, classes: Sequence[str], wrong_cost: float) -> Mapping[str, float]:
    """Per meaning predicted often enough, the threshold with the lowest cost: a wrong fill costs `wrong_cost` fields left empty.

    Never below `worth_filling`: a meaning that did well on few forms gets no licence to guess. Costs are smoothed with the
    pooled ones of all meanings, as if each had been seen `FEWEST` times more.
    """
    best, score = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = best == truth
    meant = np.array([c != NOTHING for c in classes])[best]
    pooled = _costs(score[meant], right[meant], wrong_cost) / max(1, int(meant.sum()))
    fitted = {}
    for number, canonical in enumerate(classes):
        own = best == number
        if canonical != NOTHING and own.sum() >= FEWEST:
            costs = _costs(score[own], right[own], wrong_cost) + FEWEST * pooled
            fitted[canonical] = max(worth_filling(wrong_cost), float(STEPS[int(costs.argmin())]))
    return fitted


def worth_filling(wrong_cost: float) -> float:
    """The probability from which a fill is worth its risk, for probabilities that mean what they say."""
    return round(wrong_cost / (1 + wrong_cost), 4)


def _costs(score: Floats, right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], wrong_cost: float) -> Floats:
    """Per candidate threshold: wrong fills times their cost, plus right answers that would be left empty."""
    counted = score[None, :] >= STEPS[:, None]
    costs: Floats = (wrong_cost * (counted & ~right).sum(axis=1) + (~counted & right).sum(axis=1)).astype(np.float32)
    return costs
