"""The owner's budget for wrong fills: the loosest thresholds with which a promise about future sites can be made.

Conformal risk control with high probability, by fixed-sequence testing ("Distribution-Free, Risk-Controlling Prediction Sets": Bates et
al., 2021; "Learn then Test": Angelopoulos et al., 2021). Sites are exchangeable, fields are not: of a form about somebody else's data, all
fields are wrong together. The thresholds are one nested family, indexed by a level of confidence (`confidence`); a level keeps the budget
if the upper bound of its rate of wrong fills does.

The bound of a level is a quantile over simulated futures, each of `SITES_AHEAD` sites drawn from the sites at hand with random weights (the
Bayesian bootstrap: Rubin, 1981) and from one imaginary site that no level protects: as many fills are wrong there as on the worst site
without a budget, and none is right. A sample lacks the worst that there is (Gaffke, 2005; Learned-Miller and Thomas, 2020, "A New
Confidence Interval for the Mean of a Bounded Random Variable").
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.ranker.decide import DIGITS
from fieldwise_inference.classify.thresholds import RankerThresholds
from fieldwise_training.calibration.confidence import Doubles, fit_confidence
from fieldwise_training.calibration.evidence import AUTOCOMPLETE, Evidence, fold_of
from fieldwise_training.calibration.ranker import worth_filling
from fieldwise_training.evaluation.details import Budget

PROMISE = 0.95
"""Probability with which the rate of wrong fills stays within the bound."""
SITES_AHEAD = 400
"""Sites that the promise is about. On fewer ones chance alone can exceed it; on more, it is the safer."""
NEAR_LOWEST = 1.1
"""Near its minimum the bound is flat: the last tenth of it would cost a third of the coverage."""
FUTURES = 2_000
SEED = 20
FOLDS = 5
"""Of sites: a level's fills on the sites of a fold are counted with the confidence fitted to the other folds."""
LEVELS = 1 - np.geomspace(0.3, 2e-4, 48)
"""Levels of confidence, ascending; those below the one that `wrong_cost` asks for are not used."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Fills and wrong ones, int64 (sites, levels + 1): the first column is without a budget, then one per level."""

    fills: Counts
    wrong: Counts

    def rates(self) -> Doubles:
        """float64 (levels + 1,): the share of fills that are wrong."""
        found: Doubles = self.wrong.sum(axis=0) / np.maximum(1, self.fills.sum(axis=0))
        return found


@dataclass(frozen=True, slots=True)
class BudgetChoice:
    """What was chosen.

    level: of confidence; None if the thresholds without a budget keep it. lowest: the lowest bound of any level. is_kept: whether the
    bound is within the budget. The others are as in `Budget`.
    """

    level: float | None
    bound: float
    lowest: float
    is_kept: bool
    sites: int
    fills: int
    wrong: int
    coverage: float
    coverage_without: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of every level: levels (k,), ascending; tally and bounds have k + 1 columns, the first for no budget."""

    levels: Doubles
    tally: Tally
    bounds: Doubles
    with_id: int
    """Fields whose truth is an id."""

    def within(self, budget: float) -> BudgetChoice:
        """The loosest level whose bound keeps the budget, and that of every stricter one up to the one with the lowest bound.

        If none keeps it, the loosest level whose bound is at most `NEAR_LOWEST` times the lowest.
        """
        strictest = int(self.bounds.argmin())
        chosen = strictest
        lowest = float(self.bounds[strictest])
        limit = budget if lowest <= budget else NEAR_LOWEST * lowest
        while chosen > 0 and self.bounds[chosen - 1] <= limit:
            chosen -= 1
        right = (self.tally.fills - self.tally.wrong).sum(axis=0) / max(1, self.with_id)
        return BudgetChoice(
            level=float(self.levels[chosen - 1]) if chosen else None,
            bound=float(self.bounds[chosen]),
            lowest=lowest,
            is_kept=bool(self.bounds[chosen] <= budget),
            sites=len(self.tally.fills),
            fills=int(self.tally.fills[:, chosen].sum()),
            wrong=int(self.tally.wrong[:, chosen].sum()),
            coverage=float(right[chosen]),
            coverage_without=float(right[0]),
        )


def assess(evidence: Evidence, base: RankerThresholds, sites_ahead: int = SITES_AHEAD) -> Assessment:
    """Assesses the levels. `base`: the thresholds without a budget, which a level can only raise."""
    levels = LEVELS[worth_filling(base.wrong_cost) <= LEVELS]
    tally = tallied(evidence, base, levels)
    return Assessment(levels, tally, upper_bounds(tally, sites_ahead), int(evidence.has_id.sum()))


def raised(base: RankerThresholds, evidence: Evidence, level: float | None) -> RankerThresholds:
    """`base` with every threshold raised to a level of confidence (`BudgetChoice.level`); ids with any evidence get their own.

    Rounded up to the decimals of the scores that inference compares with them: near 1, rounding down would accept what the level does not.
    """
    if level is None:
        return base
    filled = evidence.where(evidence.fillable)
    confidence = fit_confidence(filled.score, filled.group, filled.right)
    ids = sorted({*filled.group, *base.per_canonical} - {AUTOCOMPLETE})
    return base.model_copy(
        update={
            "default": max(base.default, _served(confidence.threshold(level))),
            "per_canonical": {canonical: max(base.of(canonical), _served(confidence.threshold(level, canonical))) for canonical in ids},
            "autocomplete": _served(confidence.threshold(level, AUTOCOMPLETE)),
        }
    )


def _served(threshold: float) -> float:
    """The lowest threshold of `DIGITS` decimals that is not below `threshold`; 1 at most."""
    steps: int = 10**DIGITS
    return min(1.0, math.ceil(threshold * steps) / steps)


def no_promise(budget: float, reason: str) -> Budget:
    """The record of a budget about which nothing can be said."""
    return Budget(budget=budget, bound=1.0, is_kept=False, sites=0, fills=0, wrong=0, coverage=0.0, coverage_without=0.0, reason=reason)


def recorded(choice: BudgetChoice, budget: float) -> Budget:
    """The choice as the report shows it."""
    found = f"{choice.wrong} of {choice.fills} fills on {choice.sites} sites are wrong with the thresholds chosen"
    return Budget(
        budget=budget,
        bound=round(choice.bound, 5),
        is_kept=choice.is_kept,
        sites=choice.sites,
        fills=choice.fills,
        wrong=choice.wrong,
        coverage=round(choice.coverage, 4),
        coverage_without=round(choice.coverage_without, 4),
        reason="" if choice.is_kept else f"{found}: no rate below {choice.lowest:.2%} can be promised",
    )


def tallied(evidence: Evidence, base: RankerThresholds, levels: Doubles) -> Tally:
    """Counts the fills of each site at each level."""
    evidence_sites, site = np.unique(np.array(evidence.site), return_inverse=True)
    shape = (len(evidence_sites), len(levels) + 1)
    is_filled = evidence.fillable
    thresholds = np.array([0.0 if group == AUTOCOMPLETE else base.of(group) for group in evidence.group])
    is_filled &= evidence.score >= thresholds
    folds = np.array([fold_of(name, FOLDS, "fold") for name in evidence_sites], np.int64)
    reached = np.zeros(len(evidence), np.int64)  # the column of the strictest level that fills the field
    for held_out in range(FOLDS):
        own = folds[site] == held_out
        others = evidence.where(evidence.fillable & ~own)
        confidence = fit_confidence(others.score, others.group, others.right)
        rows = np.flatnonzero(own & is_filled)
        reached[rows] = np.searchsorted(levels, confidence.of(evidence.score[rows], [evidence.group[row] for row in rows]), side="right")
    reached[evidence.score >= 1] = len(levels)  # no threshold is above 1: such a score is accepted at every level
    fills, wrong = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    np.add.at(fills, (site[is_filled], reached[is_filled]), 1)
    is_wrong = is_filled & ~evidence.right
    np.add.at(wrong, (site[is_wrong], reached[is_wrong]), 1)
    return Tally(_at_least(fills), _at_least(wrong))


def upper_bounds(tally: Tally, sites_ahead: int) -> Doubles:
    """float64 (levels + 1,): what the rate of wrong fills on `sites_ahead` sites does not exceed, with the probability `PROMISE`."""
    rng = np.random.default_rng(SEED)
    shares = rng.standard_exponential((FUTURES, len(tally.fills) + 1))
    drawn = rng.poisson(sites_ahead * shares / shares.sum(axis=1, keepdims=True)).astype(np.float64)
    worst = np.full(tally.wrong.shape[1], max(1, tally.wrong[:, :1].max(initial=0)))
    wrong = drawn @ np.vstack([tally.wrong, worst])
    fills = drawn @ np.vstack([tally.fills, worst])
    found: Doubles = np.quantile(wrong / np.maximum(1, fills), PROMISE, axis=0, method="higher")
    return found


def _at_least(counts: Counts) -> Counts:
    """From the counts of fields that reach exactly a column, those that reach it or a stricter one."""
    found: Counts = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
    return found
