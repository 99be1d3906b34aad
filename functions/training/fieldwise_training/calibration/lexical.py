"""The cut-off of fuzzy matches in the lexicon, fitted before the ranker is trained: it decides which matches the ranker sees."""

from collections.abc import Iterable

import numpy as np
from scipy.special import logit

from fieldwise_common.canonical import wire_id
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.candidates import fuzzy_key
from fieldwise_training.calibration.confidence import LEAST_SLOPE, ridge_logistic
from fieldwise_training.calibration.fitted import fitted
from fieldwise_training.evaluation.details import Fitted
from fieldwise_training.evaluation.predictions import UNKNOWN, TruthForm

SHIPPED = 0.92
"""The cut-off to begin from: with little evidence, the fit stays near it."""
RIGHT_ENOUGH = 2 / 3
"""Share of the matches exactly at the cut-off that are right: what is worth a fill at the default `wrong_cost`."""
LOWEST, HIGHEST = 0.85, 0.98
"""Below 0.85, five letters of two words of eight may differ: such words have nothing to do with each other."""
PER_UNIT = 20.0
"""Log-odds that a similarity higher by one adds, before any evidence."""


def fit_lexical(lexicon: Lexicon, authored: Iterable[TruthForm], voted: Iterable[TruthForm] = ()) -> Fitted:
    """The lowest similarity whose fuzzy matches are right often enough, by a logistic regression on the similarity.

    `authored`: no held-out form. The lexicon is made from neither.
    """
    matches = [(*match, False) for match in _matches(lexicon, authored)] + [(*match, True) for match in _matches(lexicon, voted)]
    similarity = np.array([one[0] for one in matches], np.float64)
    right, is_voted = (np.array([one[column] for one in matches], bool) for column in (1, 2))
    design = np.column_stack([np.ones(len(matches)), PER_UNIT * (similarity - SHIPPED)])
    prior = np.array([logit(RIGHT_ENOUGH), 1.0])
    (intercept, slope), _ = ridge_logistic(design, [""] * len(matches), right, prior, bounds={1: (LEAST_SLOPE, None)})
    cutoff = SHIPPED + (logit(RIGHT_ENOUGH) - intercept) / (PER_UNIT * slope)
    return fitted(round(float(np.clip(cutoff, LOWEST, HIGHEST)), 3), similarity, right, is_voted, pooled=not matches)


def _matches(lexicon: Lexicon, forms: Iterable[TruthForm]) -> list[tuple[float, bool]]:
    """(similarity, whether it is right) of every fuzzy match from `LOWEST` on."""
    found = []
    for form in forms:
        for field, truth in zip(form.request.fields, form.truths, strict=True):
            key = fuzzy_key(FieldView(field), lexicon) if truth != UNKNOWN else None
            near = lexicon.nearest(key, LOWEST) if key else None
            if near is not None:
                found.append((near[2], wire_id(near[0]) == truth))
    return found
