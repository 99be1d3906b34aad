"""A threshold as it is reported: with what it was fitted to, and an interval of the share that is right among what it accepts."""

import numpy as np
from scipy.stats import binomtest

from fieldwise_training.calibration.confidence import Booleans, Doubles
from fieldwise_training.evaluation.details import Fitted

INTERVAL = 0.95


def fitted(value: float, score: Doubles, right: Booleans, voted: Booleans, pooled: bool = False) -> Fitted:
    """The record of a threshold. `score`, `right` and `voted` are (n,): the predictions it was fitted to."""
    accepted = score >= value
    n = int(np.count_nonzero(accepted))
    # Wilson's interval: sensible for small n and for shares near 1
    interval = binomtest(int(right[accepted].sum()), n).proportion_ci(INTERVAL, method="wilson") if n else None
    return Fitted(
        value=value,
        fields=len(score),
        votes=int(voted.sum()),
        right=int(right.sum()),
        accepted=n,
        low=round(float(interval.low), 4) if interval is not None else None,
        high=round(float(interval.high), 4) if interval is not None else None,
        pooled=pooled,
    )
