"""What a page looks like after a client that ticks a box or radio if the fill's value is a text that is not empty, whatever it says."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise_common.wire import MlClassifyRequest, MlFillRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.fill.dispatch import fill


def ticked(version: LoadedVersion, profile: Mapping[str, str], fields: Sequence[Mapping[str, Any]]) -> set[str]:
    """The selectors of the boxes and radios that are ticked after classify and fill; a radio unticks the others of its name."""
    request = MlClassifyRequest.model_validate({"fields": fields})
    fills = fill(MlFillRequest(user_profile=dict(profile), matches=classify(version, request).matches), version.encoder).fills
    of = {field.selector: field for field in request.fields}
    checked: dict[str, str] = {}
    for one in fills:
        field = of[one.selector]
        if field.kind in {"radio", "checkbox"} and bool(one.value):
            checked[field.name if field.kind == "radio" else field.selector] = field.selector
    return set(checked.values())
