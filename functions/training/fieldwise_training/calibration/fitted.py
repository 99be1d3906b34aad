"""A threshold as it is reported: with what it was fitted to, and an interval of the share that is right among what it accepts."""

import numpy as np

from fieldwise_training.calibration.confidence import Booleans, Doubles
from fieldwise_training.evaluation.details import Fitted
from fieldwise_training.evaluation.intervals import wilson


def fitted(value: float, score: Doubles, right: Booleans, voted: Booleans, pooled: bool = False) -> Fitted:
    """The record of a threshold. `score`, `right` and `voted` are (n,): the predictions it was fitted to."""
    accepted = score >= value
    n = int(np.count_nonzero(accepted))
    low, high = wilson(int(right[accepted].sum()), n) if n else (None, None)
    return Fitted(
        value=value,
        fields=len(score),
        votes=int(voted.sum()),
        right=int(right.sum()),
        accepted=n,
        low=round(low, 4) if low is not None else None,
        high=round(high, 4) if high is not None else None,
        pooled=pooled,
    )
