"""Why one field is decided as it is: what `debug/threshold` shows."""

from collections.abc import Sequence

from fieldwise_common.wire import Candidate, ExplainedDecision, ThresholdRequest, ThresholdResponse
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.decide import rule
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.decide import rank
from fieldwise_inference.classify.ranker.ranker import Ranker
from fieldwise_inference.classify.without_ranker.dynamic_threshold import dynamic_threshold
from fieldwise_inference.classify.without_ranker.semantic import admitted, is_ambiguous

SHOWN = 5
"""Candidates shown, besides the one that was asked for."""


def explain_threshold(version: LoadedVersion, request: ThresholdRequest) -> ThresholdResponse:
    """What the version decides about the field and why; beside it, the dynamic threshold of a version without a ranker.

    Both for the `canonical` that was asked for, or else for the nearest meaning.
    """
    view = FieldView(request.field, 0)
    [near] = near_meanings(version.encoder, version.index, [view], [bool(view.text)])
    nearest = admitted(view, near, version.lexicon)
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
    )


def _decision(version: LoadedVersion, view: FieldView, nearest: Sequence[Neighbour], asked: str) -> ExplainedDecision:
    [ruling] = rule(version, [view])
    considered: tuple[Candidate, ...] = ()
    if certain(view, version.lexicon) is None:
        considered = _ranked(version, version.ranker, view) if version.ranker is not None else _near(version, view, nearest)
    return ExplainedDecision(
        decision=ruling.outcome,
        predicted=ruling.canonical,
        method=ruling.method,
        score=round(ruling.score, 4),
        threshold_used=round(ruling.threshold, 4),
        confidence_signals=ruling.signals,
        candidates=tuple(c for place, c in enumerate(considered) if place < SHOWN or c.canonical == asked),
    )


def _ranked(version: LoadedVersion, ranker: Ranker, view: FieldView) -> tuple[Candidate, ...]:
    """Every meaning the ranker knows, the likeliest first: its probability, and the threshold of it."""
    [probabilities] = rank(ranker, [view], candidates(version, [view], [None]), version.lexicon).probabilities
    thresholds = version.thresholds.ranker
    named = [
        Candidate(canonical=canonical, score=round(min(float(probability), 1.0), 4), threshold_used=round(thresholds.of(canonical), 4))
        for canonical, probability in zip(ranker.settings.classes, probabilities, strict=True)
    ]
    return tuple(sorted(named, key=lambda candidate: -candidate.score))


def _near(version: LoadedVersion, view: FieldView, nearest: Sequence[Neighbour]) -> tuple[Candidate, ...]:
    """The meanings near the field's text, the nearest first: the cosine, and the dynamic threshold of each."""
    is_close = is_ambiguous(nearest, version.thresholds)
    return tuple(
        Candidate(
            canonical=one.canonical,
            score=min(max(one.score, 0.0), 1.0),
            threshold_used=dynamic_threshold(view, one.canonical, is_close, version.thresholds)[0],
        )
        for one in nearest
    )
