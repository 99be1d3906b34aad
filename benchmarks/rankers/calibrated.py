"""An approach, made honest on forms it has not learned from, and put where the ranker stands in a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from benchmarks.rankers.approaches.approach import Approach
from benchmarks.rankers.forms import Shown

from fieldwise_common.canonical import NOTHING
from fieldwise_inference.classify.conflicts import settle
from fieldwise_inference.classify.decide import certain
from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.thresholds import RankerThresholds
from fieldwise_training.ranker.calibrate import fit_temperature, fit_thresholds, softmax, worth_filling
from fieldwise_training.ranker.plan import Plan


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One temperature for all meanings, and from which probability each counts."""

    approach: Approach
    temperature: float
    thresholds: RankerThresholds

    def rulings(self, form: Shown) -> list[Ruling]:
        """One ruling per field: what is certain before any ranker, then the approach, then the form as a whole."""
        shares = softmax(_logarithms(self.approach, form), self.temperature)
        best = shares.argmax(axis=1)
        ruled = [certain(view, form.version.lexicon) for view in form.views]
        own = [self._ruling(form.words.classes[best[row]], float(shares[row, best[row]])) for row in range(len(best))]
        return settle(form.views, [known or ruling for known, ruling in zip(ruled, own, strict=True)])

    def _ruling(self, canonical: str, probability: float) -> Ruling:
        if canonical == NOTHING:
            return Ruling("nothing", "ranker", canonical, min(probability, 1.0), self.thresholds.nothing)
        threshold = self.thresholds.of(canonical)
        return Ruling("accepted" if probability >= threshold else "unsure", "ranker", canonical, min(probability, 1.0), threshold)


def calibrated(approach: Approach, forms: Sequence[Shown]) -> Calibrated:
    """Temperature and thresholds as a training run fits them, on the calibration sites."""
    logarithms = np.concatenate([_logarithms(approach, form) for form in forms])
    truth = np.concatenate([form.truth for form in forms])
    temperature = fit_temperature([logarithms], truth)
    cost = Plan().wrong_cost
    fitted = fit_thresholds(softmax(logarithms, temperature), truth, forms[0].words.classes, cost)
    return Calibrated(approach, temperature, RankerThresholds(wrong_cost=cost, default=worth_filling(cost), per_canonical=fitted))


def _logarithms(approach: Approach, form: Shown) -> Floats:
    shares: Floats = np.log(np.maximum(approach.probabilities(form), 1e-9))
    return shares
