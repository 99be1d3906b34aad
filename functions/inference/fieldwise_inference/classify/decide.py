"""Decides about every field of a form: certain fields first, the ranker for the rest, then contradictions between fields."""

from collections.abc import Sequence
from typing import Any

from fieldwise_common.decision_ids import DecisionId, new_request_id
from fieldwise_common.wire import (
    Decision,
    FieldDescriptor,
    KnownAtDecision,
    Match,
    MlClassifyRequest,
    MlClassifyResponse,
    first_by_selector,
)
from fieldwise_common.wire_types import origin_of
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.code import code_version
from fieldwise_inference.classify.conflicts import settle
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.known import NOTHING_KNOWN, Known, known_fields
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.decide import by_rank
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.without_ranker.decide import by_rules

DUPLICATE = Ruling("ignored", "type", signals=("duplicate-selector",))


def classify(version: LoadedVersion, request: MlClassifyRequest) -> MlClassifyResponse:
    """Classifies the fields of a form: a decision for every field, and a match for every accepted one."""
    fields = tuple(first_by_selector(request.fields).values())
    views = [FieldView(field) for field in fields]
    signed = signatures(views, origin_of(request.page.origin))
    known = known_fields(signed, request.remembered, version.overrides_of(request.site), version.sites.of(request.site), version.knows)
    rulings = rule(version, views, known)
    request_id = new_request_id()
    positions = {field.selector: position for position, field in reversed(list(enumerate(request.fields)))}

    def decision(field: FieldDescriptor, position: int, ruling: Ruling, **of_the_field: Any) -> Decision:
        return _decision(field, str(DecisionId(request_id, request.site, position)), position, ruling, **of_the_field)

    decided = [
        (
            view.field,
            decision(view.field, positions[view.field.selector], ruling, text=view.text, signature=str(signature), known=own.logged),
        )
        for view, ruling, signature, own in zip(views, rulings, signed, known, strict=True)
    ]
    repeated = [(field, position) for position, field in enumerate(request.fields) if positions[field.selector] != position]
    return MlClassifyResponse(
        matches=tuple(_match(field, made) for field, made in decided if made.decision == "accepted"),
        model_version=version.version,
        decisions=(*(made for _, made in decided), *(decision(field, position, DUPLICATE) for field, position in repeated)),
        request_id=request_id,
        code=code_version(),
        ignored=request.ignored,
    )


def rule(version: LoadedVersion, views: Sequence[FieldView], known: Sequence[Known] = ()) -> list[Ruling]:
    """One decision per field of a form, in page order. `known`: what people said about each; empty: nothing about any."""
    known = known or [NOTHING_KNOWN] * len(views)
    settled = [certain(view, own) for view, own in zip(views, known, strict=True)]
    rejected = [own.rejected for own in known]
    if version.ranker is not None:
        return settle(views, by_rank(version, version.ranker, views, settled, rejected))
    return settle(views, by_rules(version, views, settled, rejected))


def _decision(
    field: FieldDescriptor,
    decision_id: str,
    position: int,
    ruling: Ruling,
    text: str = "",
    signature: str = "",
    known: KnownAtDecision | None = None,
) -> Decision:
    return Decision(
        decision_id=decision_id,
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
        position=position,
        signature=signature,
        known=known,
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
