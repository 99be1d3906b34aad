"""The thresholds of a version without a ranker, which also `debug/threshold` shows: of the cosine of the nearest synonym.

A logistic regression of "the nearest id is right" on the cosine, on the conditions of `Adjustments`, and on the id, drawn towards the
shipped thresholds, which are the result without evidence. Solved for the cosine at which the probability is worth filling, it gives the
base, the adjustments and the thresholds per id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from fieldwise_common.canonical import wire_id
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.thresholds import Adjustments, Thresholds
from fieldwise_inference.classify.without_ranker.dynamic_threshold import conditions, context_of
from fieldwise_inference.classify.without_ranker.lexical import by_exact_text, by_near_text
from fieldwise_inference.classify.without_ranker.semantic import admitted, is_ambiguous
from fieldwise_training.calibration.confidence import Booleans, Doubles, ridge_logistic
from fieldwise_training.calibration.fitted import fitted
from fieldwise_training.encoder.parallel import ParallelEncoder
from fieldwise_training.evaluation.details import Fitted
from fieldwise_training.evaluation.predictions import UNKNOWN, TruthForm

SHIPPED = Thresholds()
CONDITIONS = tuple(name for name in Adjustments.model_fields if name not in {"lowest", "highest"})
PER_UNIT = 30.0
"""Log-odds that a cosine higher by one adds, before any evidence."""
LEAST_SLOPE = 0.2
"""Of the share of `PER_UNIT`: a higher cosine never means less."""
MIN_SUPPORT = 20
"""Predictions of an id that its own threshold needs. With fewer the base applies."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest ids of n fields that no text decides.

    cosine, canonical, right, voted: (n,). conditions: bool (n, len(CONDITIONS)), those that hold. voted: whether people gave the truth.
    """

    cosine: Doubles
    canonical: tuple[str, ...]
    conditions: Booleans
    right: Booleans
    voted: Booleans


@dataclass(frozen=True, slots=True)
class Semantic:
    """The fitted thresholds, and what each of them was fitted to."""

    thresholds: Thresholds
    base: Fitted
    by_canonical: Mapping[str, Fitted]


def nearest(version: LoadedVersion, authored: Sequence[TruthForm], voted: Sequence[TruthForm]) -> Nearest:
    """The evidence of the forms, by the steps of `without_ranker`. Fields of unknown truth are skipped."""
    marked = [(form, is_voted) for forms, is_voted in ((authored, False), (voted, True)) for form in forms]
    lexicon, cutoff = version.lexicon, version.thresholds.lexical
    open_fields = [
        (view, truth, is_voted)
        for form, is_voted in marked
        for views in ([FieldView(field) for field in form.request.fields],)
        for view, truth, settled in zip(views, form.truths, certain(views, lexicon), strict=True)
        if truth != UNKNOWN and not (settled or by_exact_text(view, lexicon) or by_near_text(view, lexicon, cutoff))
    ]
    views = [view for view, _, _ in open_fields]
    found = near_meanings(ParallelEncoder(version.encoder), version.index, views, [True] * len(views))
    rows = []
    for (view, truth, is_voted), neighbours in zip(open_fields, found, strict=True):
        candidates = admitted(view, neighbours)
        if candidates:
            best = candidates[0]
            holds = conditions(view, best.canonical, context_of(view, is_ambiguous(candidates, version.thresholds)))
            is_right = wire_id(best.canonical) == truth
            rows.append((float(best.score), best.canonical, [holds[name] for name in CONDITIONS], is_right, is_voted))
    return Nearest(
        cosine=np.array([row[0] for row in rows], np.float64),
        canonical=tuple(row[1] for row in rows),
        conditions=np.array([row[2] for row in rows], bool).reshape(-1, len(CONDITIONS)),
        right=np.array([row[3] for row in rows], bool),
        voted=np.array([row[4] for row in rows], bool),
    )


def fit_semantic(evidence: Nearest, worth_filling: float, begun: Thresholds = SHIPPED) -> Semantic:
    """`begun` with the fitted base, adjustments and thresholds per id.

    `worth_filling`: the probability from which a fill is worth its risk.
    """
    shipped = np.array([getattr(SHIPPED.adjustments, name) for name in CONDITIONS])
    level = float(logit(worth_filling))
    cosine = PER_UNIT * (evidence.cosine - SHIPPED.semantic)
    plain = np.column_stack([np.ones(len(cosine)), cosine])
    (_, slope), _ = ridge_logistic(plain, evidence.canonical, evidence.right, np.array([level, 1.0]), {1: (LEAST_SLOPE, None)})
    # With the slope known, a condition without evidence keeps what it adds, in cosine.
    per_unit = PER_UNIT * slope
    prior = np.concatenate([[level, slope], -per_unit * shipped])
    design = np.column_stack([plain, evidence.conditions])
    (intercept, _, *weights), offsets = ridge_logistic(design, evidence.canonical, evidence.right, prior, {1: (slope, slope)})
    base = _cosine(SHIPPED.semantic + (level - intercept) / per_unit)
    added = {name: round(-weight / per_unit, 4) for name, weight in zip(CONDITIONS, weights, strict=True)}
    groups = np.array(evidence.canonical)
    by_canonical = {}
    for canonical in sorted(offsets):
        own = groups == canonical
        is_pooled = int(own.sum()) < MIN_SUPPORT
        value = base if is_pooled else _cosine(SHIPPED.semantic + (level - intercept - offsets[canonical]) / per_unit)
        by_canonical[canonical] = _described(value, added, evidence, own, is_pooled)
    thresholds = begun.model_copy(
        update={
            "semantic": base,
            "adjustments": begun.adjustments.model_copy(update=added),
            "per_canonical": {canonical: one.value for canonical, one in by_canonical.items() if not one.pooled},
        }
    )
    return Semantic(thresholds, _described(base, added, evidence, np.ones(len(groups), bool), pooled=False), by_canonical)


def _cosine(value: float) -> float:
    return round(float(np.clip(value, 0.0, 1.0)), 4)


def _described(value: float, added: Mapping[str, float], evidence: Nearest, own: Booleans, pooled: bool) -> Fitted:
    """A prediction reaches the threshold if its cosine, less what its conditions add, does."""
    comparable = evidence.cosine - evidence.conditions @ np.array([added[name] for name in CONDITIONS])
    return fitted(value, comparable[own], evidence.right[own], evidence.voted[own], pooled)
