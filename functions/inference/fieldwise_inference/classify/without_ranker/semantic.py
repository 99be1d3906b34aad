"""The semantic step: the canonical id of the nearest synonym, if its cosine reaches the dynamic threshold."""

from collections.abc import Sequence

from fieldwise_common.canonical import is_negative
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import admits
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.thresholds import Thresholds
from fieldwise_inference.classify.without_ranker.dynamic_threshold import dynamic_threshold


def admitted(view: FieldView, neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """The neighbours whose canonical id the field's type admits."""
    return [n for n in neighbours if admits(view, n.canonical)]


def is_ambiguous(candidates: Sequence[Neighbour], thresholds: Thresholds) -> bool:
    """Whether the two nearest canonical ids are almost equally near."""
    return len(candidates) > 1 and candidates[0].score - candidates[1].score < thresholds.margin


def by_meaning(view: FieldView, neighbours: Sequence[Neighbour], thresholds: Thresholds) -> Ruling:
    """Accepts the nearest of the `admitted` canonical ids if its cosine reaches the dynamic threshold.

    `neighbours`: the nearest synonym of each canonical id, nearest first.
    """
    candidates = admitted(view, neighbours)
    if not candidates:
        return Ruling("unsure", "semantic", signals=(f"text:{view.text_source}", "no-candidate"))
    best = candidates[0]
    threshold, adjustments, _ = dynamic_threshold(view, best.canonical, is_ambiguous(candidates, thresholds), thresholds)
    signals = (f"text:{view.text_source}", f"nearest:{best.text}", *adjustments)
    score = float(min(max(best.score, 0.0), 1.0))
    if score < threshold:
        return Ruling("unsure", "semantic", best.canonical, score, threshold, signals)
    return Ruling("nothing" if is_negative(best.canonical) else "accepted", "semantic", best.canonical, score, threshold, signals)
