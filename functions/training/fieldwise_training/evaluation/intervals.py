"""Intervals (95 %): of a share, and of how much better a version is than its champion."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING
from fieldwise_training.evaluation.predictions import UNKNOWN, Predictions, TruthForm

RESAMPLES = 2_000
SEED = 20_260_101
LEVEL = 0.95
Z95 = 1.959963984540054
"""The standard normal's quantile for an interval of 95 %."""

_COLUMNS = ("fields", "right", "meaningful", "recognised", "filled", "empty", "false_fills")
_SHARES = {
    "accuracy": ("right", "fields"),
    "recall": ("recognised", "meaningful"),
    "precision": ("recognised", "filled"),
    "false_fill": ("false_fills", "empty"),
}
"""Each share as numerator and denominator; see `metrics.Counts`."""


class Difference(BaseModel):
    """The share of the new version less that of the champion, in -1..1, with its interval (95 %). Rounded to 5 digits."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval is on one side of 0."""
        return self.low > 0 or self.high < 0


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The interval of a share of `hits` in `of` > 0 (Wilson: Probable inference, the law of succession, 1927).

    Sensible for few fields, and for shares near 1.
    """
    share = hits / of
    middle = (share + Z95**2 / (2 * of)) / (1 + Z95**2 / of)
    half = Z95 / (1 + Z95**2 / of) * sqrt(share * (1 - share) / of + Z95**2 / (4 * of**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def differences(forms: Sequence[TruthForm], after: Predictions, before: Predictions) -> dict[str, Difference]:
    """The difference of each share that can be calculated for both versions, by its name in `Figures`.

    The interval is the percentile bootstrap over clusters (Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapter 13;
    of clusters instead of fields: Field, Welsh: Bootstrapping clustered data, 2007): whole sites are drawn with replacement, for
    both versions the same ones. The draws are integers of a fixed seed, so they are the same on every machine.
    """
    new, old = _counts(forms, after), _counts(forms, before)
    if not len(new):
        return {}
    draws = np.random.default_rng(SEED).integers(0, len(new), (RESAMPLES, len(new)))
    times = np.stack([np.bincount(draw, minlength=len(new)) for draw in draws])  # (resamples, clusters): how often each was drawn
    found = {}
    for name in _SHARES:
        value = _share(name, new.sum(0)) - _share(name, old.sum(0))
        resampled = _share(name, times @ new) - _share(name, times @ old)
        if np.isfinite(value):
            low, high = np.nanquantile(resampled, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
            found[name] = Difference(value=round(float(value), 5), low=round(float(low), 5), high=round(float(high), 5))
    return found


def _share(name: str, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(..., columns) to (...); NaN where there is nothing to take a share of."""
    numerator, denominator = (counts[..., _COLUMNS.index(column)] for column in _SHARES[name])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator, np.float64)


def _counts(forms: Sequence[TruthForm], predictions: Predictions) -> npt.NDArray[np.int64]:
    """(clusters, columns)."""
    found: dict[str, npt.NDArray[np.int64]] = {}
    for number, (form, guesses) in enumerate(zip(forms, predictions.predicted, strict=True)):
        counts = found.setdefault(form.cluster or f"form {number}", np.zeros(len(_COLUMNS), np.int64))
        for truth, guess in zip(form.truths, guesses, strict=True):
            if truth != UNKNOWN:
                is_right, is_empty, is_filled = truth == guess, truth == NOTHING, guess != NOTHING
                counts += (1, is_right, not is_empty, is_right and not is_empty, is_filled, is_empty, is_empty and is_filled)
    return np.stack(list(found.values())) if found else np.zeros((0, len(_COLUMNS)), np.int64)
