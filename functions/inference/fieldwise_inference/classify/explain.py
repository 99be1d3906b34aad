"""Explains the decision about one field, for `debug/threshold`."""

from fieldwise_common.errors import FieldFault, InvalidRequest
from fieldwise_common.wire import MlClassifyRequest, Page, first_by_selector
from fieldwise_common.wire_explain import ExplainedDecision, MlThresholdRequest, ThresholdResponse, Why
from fieldwise_inference.classify.decide import asked_form
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.why.asked_field import AskedField
from fieldwise_inference.classify.why.reasons import reasons
from fieldwise_inference.classify.why.sentences import sentences
from fieldwise_inference.classify.without_ranker.dynamic_threshold import dynamic_threshold
from fieldwise_inference.classify.without_ranker.semantic import admitted, is_ambiguous

MAX_CANDIDATES = 5
"""Candidates listed, not counting the requested `canonical`."""


def explain_threshold(version: LoadedVersion, request: MlThresholdRequest) -> ThresholdResponse:
    """The version's decision about the field, why it is so, and the dynamic threshold of a version without a ranker.

    The dynamic threshold is that of the requested `canonical`, or of the nearest canonical id if none was requested.

    Raises InvalidRequest: the field is missing, or none of the form's.
    """
    asked = _asked(version, request)
    view = FieldView(asked.form.views[asked.position].field)
    [near] = near_meanings(version.encoder, version.index, [view], [bool(view.text)])
    nearest = admitted(view, near)
    canonical = request.canonical or (nearest[0].canonical if nearest else "")
    threshold, adjustments, context = dynamic_threshold(view, canonical, is_ambiguous(nearest, version.thresholds), version.thresholds)
    is_of_page = bool(request.fields) or request.page is not None
    signature = asked.form.signatures[asked.position] if is_of_page else signatures([view], "any page")[0]
    return ThresholdResponse(
        field=view.field.model_dump(mode="json", exclude_defaults=True),
        canonical=canonical,
        threshold=threshold,
        base_threshold=version.thresholds.base(canonical),
        confidence_signals=adjustments,
        context=context,
        decision=_decision(asked, request.canonical),
        signature=str(signature),
    )


def explain_decision(version: LoadedVersion, form: MlClassifyRequest, position: int, requested: str = "") -> ExplainedDecision:
    """The decision about one of a form's fields that have different selectors, by its position among them, and why it is so.

    `requested`: an id to compare with, or "".
    """
    return _decision(AskedField(version, asked_form(version, form), position), requested)


def _asked(version: LoadedVersion, request: MlThresholdRequest) -> AskedField:
    if request.field is None:
        raise _invalid("/field", "is required")
    form = MlClassifyRequest(
        fields=request.fields or (request.field,),
        page=request.page or Page(),
        site=request.site,
        remembered=request.remembered,
    )
    selectors = list(first_by_selector(form.fields))
    if request.field.selector not in selectors:
        raise _invalid("/field/selector", "is the selector of none of `fields`")
    return AskedField(version, asked_form(version, form), selectors.index(request.field.selector))


def _decision(asked: AskedField, requested: str) -> ExplainedDecision:
    ruling, found = asked.ruling, reasons(asked, requested)
    considered = () if asked.is_certain else asked.candidates
    return ExplainedDecision(
        decision=ruling.outcome,
        predicted=ruling.canonical,
        method=ruling.method,
        score=round(ruling.score, 4),
        threshold_used=round(ruling.threshold, 4),
        confidence_signals=ruling.signals,
        candidates=tuple(c for position, c in enumerate(considered) if position < MAX_CANDIDATES or c.canonical == requested),
        why=Why(
            sentences=sentences(asked, found),
            spoke_for=found.spoke_for,
            spoke_against=found.spoke_against,
            second=found.second,
            needed=found.needed,
        ),
    )


def _invalid(pointer: str, detail: str) -> InvalidRequest:
    return InvalidRequest(f"{pointer} {detail}", (FieldFault(pointer, detail),))
