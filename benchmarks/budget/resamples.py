"""Sites are divided at random: thresholds are calibrated on one part, and their wrong fills counted on the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fieldwise_inference.classify.thresholds import RankerThresholds
from fieldwise_training.calibration.budget import assess, raised
from fieldwise_training.calibration.evidence import AUTOCOMPLETE, Evidence
from fieldwise_training.calibration.ranker import fit_thresholds

CALIBRATION_SHARE = 0.75
"""Of the sites; the others are the deployment."""


@dataclass(frozen=True, slots=True)
class Realised:
    """One division: what a budget promised (None: the thresholds without one), and what came of it. Shares in 0..1."""

    budget: float | None
    is_promised: bool
    bound: float
    rate: float
    """Of the fills on the other sites, wrong ones."""
    coverage: float
    """Of the fields with an id there, those filled correctly."""


def resampled(evidence: Evidence, budgets: Sequence[float], wrong_cost: float, count: int) -> Iterator[list[Realised]]:
    """`count` divisions, for each the thresholds without a budget, then those of each budget."""
    names, site = np.unique(np.array(evidence.site), return_inverse=True)
    for seed in range(count):
        chosen = np.zeros(len(names), bool)
        chosen[np.random.default_rng(seed).permutation(len(names))[: int(CALIBRATION_SHARE * len(names))]] = True
        calibration, deployment = evidence.where(chosen[site]), evidence.where(~chosen[site])
        base = fit_thresholds(calibration, wrong_cost)
        assessed = assess(calibration, base, sites_ahead=int((~chosen).sum()))
        found = [_realised(None, True, float(assessed.bounds[0]), deployment, base)]
        for budget in budgets:
            choice = assessed.within(budget)
            thresholds = raised(base, calibration, choice.level)
            found.append(_realised(budget, choice.is_kept, choice.bound, deployment, thresholds))
        yield found


def _realised(budget: float | None, is_promised: bool, bound: float, deployment: Evidence, thresholds: RankerThresholds) -> Realised:
    needed = [thresholds.autocomplete if group == AUTOCOMPLETE else thresholds.of(group) for group in deployment.group]
    is_filled = deployment.fillable & (deployment.score >= np.array(needed))
    right = int((is_filled & deployment.right).sum())
    fills = int(is_filled.sum())
    return Realised(budget, is_promised, bound, (fills - right) / max(1, fills), right / max(1, int(deployment.has_id.sum())))
