"""Calibrates the ranker's probabilities by one temperature; the thresholds are fitted in `calibration`."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_inference.classify.ranker.owners import own
from fieldwise_training.evaluation.metrics import calibration_bins, calibration_error
from fieldwise_training.ranker.examples import WHOSE


def softmax(logits: Floats, temperature: float) -> Floats:
    """Float (n, classes): probabilities from logits, row by row."""
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def predicted(logits: Sequence[tuple[Floats, Floats]], temperature: float, classes: tuple[str, ...]) -> Floats:
    """Float (n, classes): the probabilities that a ranker of these members predicts. `logits`: of classes and of owners, by member."""
    members = [own(softmax(ids, temperature), softmax(whose, temperature), classes, WHOSE) for ids, whose in logits]
    mean: Floats = np.mean(members, axis=0)
    return mean


def fit_temperature(logits: Sequence[tuple[Floats, Floats]], truth: Integers, classes: tuple[str, ...]) -> float:
    """The temperature that minimises the log loss of what is `predicted` (temperature scaling; Guo et al., 2017)."""

    def loss(temperature: float) -> float:
        shares = predicted(logits, temperature, classes)
        return float(-np.log(shares[np.arange(len(truth)), truth] + 1e-9).mean())

    return round(float(minimize_scalar(loss, bounds=(0.3, 4.0), method="bounded").x), 3)


def expected_calibration_error(probabilities: Floats, truth: Integers) -> float:
    """The calibration error of the most probable classes. float32 (n, classes), int (n,); n is at least 1."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    return round(calibration_error(calibration_bins(confidence.tolist(), right.tolist())) or 0.0, 4)
