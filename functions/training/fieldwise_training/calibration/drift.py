"""Whether the live version is wrong more often than its budget allows, as its users' feedback shows."""

from collections.abc import Sequence

import numpy as np

from fieldwise_training.calibration.budget import FUTURES, PROMISE, SEED


def lowest_rate(by_site: Sequence[tuple[int, int]]) -> float | None:
    """What the live rate of wrong fills exceeds with the probability `PROMISE`; None without any fill.

    `by_site`: fills and wrong ones of each site. The bound of `budget`, mirrored: here the imaginary site has as many fills as the largest
    one, all of them right, so that the corrections of one site prove nothing.
    """
    if not by_site:
        return None
    fills, wrong = np.array(by_site, np.float64).T
    rng = np.random.default_rng(SEED)
    shares = rng.standard_exponential((FUTURES, len(fills) + 1))
    rates = (shares @ np.append(wrong, 0.0)) / (shares @ np.append(fills, fills.max()))
    return float(np.quantile(rates, 1 - PROMISE, method="lower"))
