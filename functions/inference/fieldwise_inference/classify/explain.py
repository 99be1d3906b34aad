"""Explains the decision about one field, for `debug/threshold`."""

from collections.abc import Sequence

from fieldwise_common.wire_explain import Candidate, ExplainedDecision, ThresholdRequest, ThresholdResponse
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.decide import rule
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.decide import rank
from fieldwise_inference.classify.ranker.ranker import Ranker
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.without_ranker.dynamic_threshold import dynamic_threshold
from fieldwise_inference.classify.without_ranker.semantic import admitted, is_ambiguous

MAX_CANDIDATES = 5
"""Candidates listed, not counting the requested `canonical`."""


def explain_threshold(version: LoadedVersion, request: ThresholdRequest) -> ThresholdResponse:
    """The version's decision about the field, with its candidates, and the dynamic threshold of a version without a ranker.

    The dynamic threshold is that of the requested `canonical`, or of the nearest canonical id if none was requested.
    """
    view = FieldView(request.field)
    [near] = near_meanings(version.encoder, version.index, [view], [bool(view.text)])
    nearest = admitted(view, near)
    canonical = request.canonical or (nearest[0].canonical if nearest else "")
    threshold, adjustments, context = dynamic_threshold(view, canonical, is_ambiguous(nearest, version.thresholds), version.thresholds)
    return ThresholdResponse(
        field=request.field.model_dump(mode="json", exclude_defaults=True),
        canonical=canonical,
        threshold=threshold,
        base_threshold=version.thresholds.base(canonical),
        confidence_signals=adjustments,
        context=context,
        decision=_decision(version, view, nearest, request.canonical),
        signature=str(signatures([view], "any page")[0]),
    )


def _decision(version: LoadedVersion, view: FieldView, nearest: Sequence[Neighbour], requested: str) -> ExplainedDecision:
    [ruling] = rule(version, [view])
    considered: tuple[Candidate, ...] = ()
    if certain([view], version.lexicon) == [None]:
        considered = _by_probability(version, version.ranker, view) if version.ranker is not None else _by_cosine(version, view, nearest)
    return ExplainedDecision(
        decision=ruling.outcome,
        predicted=ruling.canonical,
        method=ruling.method,
        score=round(ruling.score, 4),
        threshold_used=round(ruling.threshold, 4),
        confidence_signals=ruling.signals,
        candidates=tuple(c for position, c in enumerate(considered) if position < MAX_CANDIDATES or c.canonical == requested),
    )


def _by_probability(version: LoadedVersion, ranker: Ranker, view: FieldView) -> tuple[Candidate, ...]:
    """Every class of the ranker with its probability and its threshold, the likeliest first."""
    [probabilities] = rank(ranker, [view], candidates(version, [view], [None]), version.lexicon, [frozenset()]).probabilities
    thresholds = version.thresholds.ranker
    named = [
        Candidate(canonical=canonical, score=round(min(float(probability), 1.0), 4), threshold_used=round(thresholds.of(canonical), 4))
        for canonical, probability in zip(ranker.settings.classes, probabilities, strict=True)
    ]
    return tuple(sorted(named, key=lambda candidate: -candidate.score))


def _by_cosine(version: LoadedVersion, view: FieldView, nearest: Sequence[Neighbour]) -> tuple[Candidate, ...]:
    """The canonical ids near the field's text with their cosine and their dynamic threshold, the nearest first."""
    is_close = is_ambiguous(nearest, version.thresholds)
    return tuple(
        Candidate(
            canonical=neighbour.canonical,
            score=min(max(neighbour.score, 0.0), 1.0),
            threshold_used=dynamic_threshold(view, neighbour.canonical, is_close, version.thresholds)[0],
        )
        for neighbour in nearest
    )
