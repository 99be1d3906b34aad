"""Why one field is decided as it is: what `debug/threshold` shows."""

from fieldwise_common.wire import ThresholdRequest, ThresholdResponse
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.without_ranker.dynamic_threshold import dynamic_threshold


def explain_threshold(version: LoadedVersion, request: ThresholdRequest) -> ThresholdResponse:
    """The semantic threshold this field would get for `canonical`, or for its nearest meaning where none is named."""
    view = FieldView(request.field, 0)
    [nearest] = near_meanings(version.encoder, version.index, [view], [bool(view.text)])
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
