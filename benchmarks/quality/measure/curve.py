"""What would be filled, and how well, were one threshold on the score all that decided."""

from collections.abc import Sequence
from itertools import groupby

from benchmarks.quality.measure.figures import Figure, ratio
from benchmarks.quality.measure.judged import Judged

from fieldwise_common.canonical import NOTHING


class CurvePoint(Figure):
    """The figures when every field is filled whose score is `threshold` or more (all 0..1)."""

    threshold: float
    recall: float | None
    precision: float | None
    false_fill: float | None
    overall: float | None


def curve(judged: Sequence[Judged]) -> tuple[CurvePoint, ...]:
    """One point for each score a candidate has, the highest first: the whole curve.

    A candidate is a field with an id that was accepted or left unsure; what is certainly nothing stays empty at any threshold.
    """
    meaningful = sum(one.field.truth != NOTHING for one in judged)
    nothing = len(judged) - meaningful
    candidates = sorted((one for one in judged if one.is_candidate), key=lambda one: -one.score)
    said = right = false = 0
    points: list[CurvePoint] = []
    for score, group in groupby(candidates, key=lambda one: one.score):
        for one in group:
            said += 1
            right += one.names_the_truth
            false += one.field.truth == NOTHING
        points.append(
            CurvePoint(
                threshold=score,
                recall=ratio(right, meaningful),
                precision=ratio(right, said),
                false_fill=ratio(false, nothing),
                overall=ratio(right + nothing - false, len(judged)),
            )
        )
    return tuple(points)
