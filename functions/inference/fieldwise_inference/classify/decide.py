"""Decides about every field of a form: certain fields first, the ranker for the rest, then contradictions between fields."""

import uuid
from collections.abc import Sequence

from fieldwise_common.wire import ClassifyRequest, Decision, FieldDescriptor, Match, MlClassifyResponse, first_by_selector
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.conflicts import settle
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.decide import by_rank
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.without_ranker.decide import by_rules


def classify(version: LoadedVersion, request: ClassifyRequest) -> MlClassifyResponse:
    """Classifies the fields of a form: a decision for every field, and a match for every accepted one."""
    fields = tuple(first_by_selector(request.fields).values())
    views = [FieldView(field) for field in fields]
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


def rule(version: LoadedVersion, views: Sequence[FieldView]) -> list[Ruling]:
    """One decision per field of a form, in page order."""
    settled = [certain(view, version.lexicon) for view in views]
    rulings = by_rank(version, version.ranker, views, settled) if version.ranker is not None else by_rules(version, views, settled)
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
