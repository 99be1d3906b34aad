"""The routes of inference."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel

from fieldwise_common.auth import ADMIN_SCOPE, Caller
from fieldwise_common.errors import ModelError, StoreError, Unauthenticated
from fieldwise_common.observability import metrics, traced_part
from fieldwise_common.problems import problem
from fieldwise_common.wire import KnownIds, MlClassifyRequest, MlFillRequest
from fieldwise_inference.classify import decide
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.health import health_of
from fieldwise_inference.http_event import Response, of_json, of_model, of_problem, parsed, validated
from fieldwise_inference.serving.holder import VersionHolder

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a route. `caller` is None if the path is open; `start`: the start of the process, in milliseconds by phase."""

    holder: VersionHolder
    caller: Caller | None
    body: bytes
    start: Mapping[str, float]

    def with_version(self, model: type[M]) -> tuple[LoadedVersion, M]:
        """The version to serve with, and the body.

        Raises Refused for a body that is not JSON or not valid; ModelError or StoreError when no version can be loaded.
        """
        value = parsed(self.body)
        version = self.holder.current()
        return version, validated(model, value)


def classify(call: Call) -> Response:
    """Classify the fields of a form; of a share of requests, also as a candidate in shadow would."""
    version, body = call.with_version(MlClassifyRequest)
    began = time.perf_counter()
    with traced_part("classify"):
        answer = decide.classify(version, body)
    shadow = call.holder.shadow.answer(body, answer, version, time.perf_counter() - began)
    outcomes = [decision.decision for decision in answer.decisions]
    metrics.add_metric(name="FieldsClassified", unit=MetricUnit.Count, value=len(outcomes))
    metrics.add_metric(name="FieldsAccepted", unit=MetricUnit.Count, value=outcomes.count("accepted"))
    metrics.add_metric(name="FieldsUnsure", unit=MetricUnit.Count, value=outcomes.count("unsure"))
    return of_model(answer if shadow is None else answer.model_copy(update={"shadow": shadow}))


def fill(call: Call) -> Response:
    """Fill matches from a flat profile."""
    from fieldwise_inference.fill import dispatch  # not at the top, see `import_all`

    version, body = call.with_version(MlFillRequest)
    with traced_part("fill"):
        answer = dispatch.fill(body, version.encoder)
    metrics.add_metric(name="FillCount", unit=MetricUnit.Count, value=len(answer.fills))
    metrics.add_metric(name="UnfilledCount", unit=MetricUnit.Count, value=len(answer.unfilled))
    return of_model(answer)


def threshold(call: Call) -> Response:
    """Explain the decision about one field."""
    from fieldwise_common.wire_explain import MlThresholdRequest
    from fieldwise_inference.classify import explain

    version, body = call.with_version(MlThresholdRequest)
    return of_model(explain.explain_threshold(version, body))


def ids(call: Call) -> Response:
    """Every canonical id that the live version knows."""
    version = call.holder.current()
    return of_model(KnownIds(model_version=version.version, ids=tuple(sorted(version.ids))))


def health(call: Call) -> Response:
    """Check the live version; open to everyone."""
    found = health_of(call.holder)
    body: dict[str, Any] = {"status": "ok" if found.error is None else "error", "model_version": found.model_version}
    if found.precision is not None:
        body["encoder"] = {"precision": found.precision, **({"note": found.note} if found.note else {})}
    if call.start:
        body["start"] = call.start
    if call.holder.shadow.state is not None:
        body["shadow"] = call.holder.shadow.state
    return of_json(body) if found.error is None else of_json({**body, "error": found.error}, 503)


def reload(call: Call) -> Response:
    """Load the published version now. If it is refused, the response says why, and which version still serves."""
    if call.caller is None:
        raise Unauthenticated("a bearer token is required")
    call.caller.require(ADMIN_SCOPE)
    try:
        changed = call.holder.reload()
    except (ModelError, StoreError) as error:
        serving = call.holder.current().version
        return of_problem(problem(503, "model-unusable", "The published version was refused", str(error), model_version=serving))
    return of_json({"model_version": call.holder.current().version, "changed": changed})


def import_all() -> None:
    """Imports what classifying does not need, and what is therefore not imported before the first answer."""
    import fieldwise_inference.classify.explain
    import fieldwise_inference.fill.dispatch  # noqa: F401


ROUTES: Mapping[str, Mapping[str, Callable[[Call], Response]]] = {
    "/ml/classify": {"POST": classify},
    "/ml/fill": {"POST": fill},
    "/ml/debug/threshold": {"POST": threshold},
    "/ml/ids": {"GET": ids},
    "/ml/health": {"GET": health},
    "/reload": {"POST": reload},
}
"""By path and method."""
