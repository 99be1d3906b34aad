"""The whole decision over a form: the steps in order, one batch embedding for what they leave open, then the form as a whole."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fieldwise_common.wire import (
    ClassifyRequest,
    Decision,
    FieldDescriptor,
    Match,
    MlClassifyResponse,
    ThresholdRequest,
    ThresholdResponse,
    first_by_selector,
)
from fieldwise_inference.classify.autocomplete import by_autocomplete
from fieldwise_inference.classify.conflicts import settle
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import by_type
from fieldwise_inference.classify.lexical import by_confirmed_text, by_exact_text, by_near_text
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.model import Ranker
from fieldwise_inference.classify.ranker.ruling import by_rank
from fieldwise_inference.classify.ruling import SILENT, Ruling
from fieldwise_inference.classify.semantic import NEIGHBOURS, Encoder, Index, Neighbour, best_by_canonical, by_meaning
from fieldwise_inference.classify.thresholds import Thresholds, dynamic_threshold


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """One model version in memory: everything a decision needs, and nothing else."""

    version: str
    encoder: Encoder
    index: Index
    lexicon: Lexicon
    thresholds: Thresholds
    ranker: Ranker | None = None
    """None in a version made without one: the lexical and semantic steps then decide by themselves."""
    encoder_precision: str = ""
    """The precision of its encoder."""
    encoder_caveat: str | None = None
    """A warning about its encoder, for health."""


def certain(view: FieldView, lexicon: Lexicon) -> Ruling | None:
    """The steps whose word is final: what can't be filled, what the page itself says, what feedback has confirmed."""
    return by_type(view) or by_autocomplete(view) or by_confirmed_text(view, lexicon) or (None if view.text else SILENT)


def near_meanings(encoder: Encoder, index: Index, views: Sequence[FieldView], wanted: Sequence[bool]) -> list[list[Neighbour]]:
    """Per field, the best synonym of each meaning near its text, nearest first; one batch embedding for those `wanted`."""
    vectors = encoder.encode([view.text for view, wants in zip(views, wanted, strict=True) if wants])
    found = iter(index.search(vectors, NEIGHBOURS))
    return [best_by_canonical(next(found)) if wants else [] for wants in wanted]


def wants_nearness(view: FieldView, lexicon: Lexicon) -> bool:
    """Whether the ranker needs the meanings near a field's text: the field is open, and the lexicon doesn't know its label."""
    return certain(view, lexicon) is None and lexicon.lookup(view.label) is None


def _without_ranker(version: LoadedVersion, views: Sequence[FieldView]) -> list[Ruling]:
    lexicon, thresholds = version.lexicon, version.thresholds
    exact = [certain(v, lexicon) or by_exact_text(v, lexicon) or by_near_text(v, lexicon, thresholds.lexical) for v in views]
    near = near_meanings(version.encoder, version.index, views, [ruling is None for ruling in exact])
    return [ruling or by_meaning(view, found, lexicon, thresholds) for ruling, view, found in zip(exact, views, near, strict=True)]


def _with_ranker(version: LoadedVersion, ranker: Ranker, views: Sequence[FieldView]) -> list[Ruling]:
    sure = [certain(view, version.lexicon) for view in views]
    near = near_meanings(version.encoder, version.index, views, [wants_nearness(view, version.lexicon) for view in views])
    ranked = by_rank(views, near, version.lexicon, ranker, version.thresholds.ranker)
    return [known or ruling for known, ruling in zip(sure, ranked, strict=True)]


def rule(version: LoadedVersion, views: Sequence[FieldView]) -> list[Ruling]:
    """One ruling per field of a form, in its order."""
    rulings = _with_ranker(version, version.ranker, views) if version.ranker is not None else _without_ranker(version, views)
    return settle(views, rulings)


def _decision(field: FieldDescriptor, text: str, ruling: Ruling) -> Decision:
    return Decision(
        decision_id=uuid.uuid4().hex,
        selector=field.selector,
        label=field.label,
        placeholder=field.placeholder,
        field_type=field.type,
        required=field.required,
        predicted=ruling.canonical,
        score=round(ruling.score, 4),
        threshold_used=round(ruling.threshold, 4),
        confidence_signals=ruling.signals,
        decision=ruling.outcome,
        method=ruling.method,
        text=text,
    )


def _match(field: FieldDescriptor, decision: Decision) -> Match:
    return Match(
        selector=decision.selector,
        canonical=decision.predicted,
        score=decision.score,
        threshold_used=decision.threshold_used,
        confidence_signals=decision.confidence_signals,
        method=decision.method,
        decision_id=decision.decision_id,
        field=field.slice(),
    )


def classify(version: LoadedVersion, request: ClassifyRequest) -> MlClassifyResponse:
    """What each field of the form means: matches for the accepted ones, a decision for every one."""
    fields = tuple(first_by_selector(request.fields).values())
    views = [FieldView(field, position) for position, field in enumerate(fields)]
    rulings = rule(version, views)
    decided = [(view.field, _decision(view.field, view.text, ruling)) for view, ruling in zip(views, rulings, strict=True)]
    repeated = list(request.fields)
    for field in fields:
        repeated.remove(field)
    duplicate = Ruling("ignored", "type", signals=("duplicate-selector",))
    return MlClassifyResponse(
        matches=tuple(_match(field, decision) for field, decision in decided if decision.decision == "accepted"),
        model_version=version.version,
        decisions=(*(decision for _, decision in decided), *(_decision(field, "", duplicate) for field in repeated)),
    )


def explain_threshold(version: LoadedVersion, request: ThresholdRequest) -> ThresholdResponse:
    """The semantic threshold this field would get for `canonical`, or for its nearest meaning where none is named."""
    view = FieldView(request.field, 0)
    found = version.index.search(version.encoder.encode([view.text]), NEIGHBOURS)[0] if view.text else []
    nearest = best_by_canonical(found)
    canonical = request.canonical or (nearest[0].canonical if nearest else "")
    is_close = len(nearest) > 1 and nearest[0].score - nearest[1].score < version.thresholds.margin
    threshold, signals, context = dynamic_threshold(view, canonical, is_close, version.thresholds)
    return ThresholdResponse(
        field=view.field.selector,
        canonical=canonical,
        threshold=threshold,
        base_threshold=version.thresholds.base(canonical),
        confidence_signals=signals,
        context=context,
    )
