"""The routes of inference.

Each is a coroutine that never awaits: it runs in the invocation's own thread, which has X-Ray's segment, and an instance
serves one request at a time.
"""

import time
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from fieldwise_common.errors import ModelError, StoreError
from fieldwise_common.observability import metrics, traced_part
from fieldwise_common.web import problems
from fieldwise_common.wire import (
    FillResponse,
    KnownIds,
    MlClassifyRequest,
    MlClassifyResponse,
    MlFillRequest,
)
from fieldwise_common.wire_explain import MlThresholdRequest, ThresholdResponse
from fieldwise_inference.classify import decide, explain
from fieldwise_inference.dependencies import Admin, CurrentVersion, Holder
from fieldwise_inference.fill import dispatch
from fieldwise_inference.health import health_of

router = APIRouter()


@router.post("/ml/classify", response_model_exclude_none=True)
async def classify(body: MlClassifyRequest, version: CurrentVersion, holder: Holder) -> MlClassifyResponse:
    """Classify the fields of a form; of a share of requests, also as a candidate in shadow would."""
    began = time.perf_counter()
    with traced_part("classify"):
        answer = decide.classify(version, body)
    shadow = holder.shadow.answer(body, answer, version, time.perf_counter() - began)
    outcomes = [decision.decision for decision in answer.decisions]
    metrics.add_metric(name="FieldsClassified", unit=MetricUnit.Count, value=len(outcomes))
    metrics.add_metric(name="FieldsAccepted", unit=MetricUnit.Count, value=outcomes.count("accepted"))
    metrics.add_metric(name="FieldsUnsure", unit=MetricUnit.Count, value=outcomes.count("unsure"))
    return answer if shadow is None else answer.model_copy(update={"shadow": shadow})


@router.post("/ml/fill", response_model_exclude_none=True)
async def fill(body: MlFillRequest, version: CurrentVersion) -> FillResponse:
    """Fill matches from a flat profile."""
    with traced_part("fill"):
        answer = dispatch.fill(body, version.encoder)
    metrics.add_metric(name="FillCount", unit=MetricUnit.Count, value=len(answer.fills))
    metrics.add_metric(name="UnfilledCount", unit=MetricUnit.Count, value=len(answer.unfilled))
    return answer


@router.post("/ml/debug/threshold", response_model_exclude_none=True)
async def threshold(body: MlThresholdRequest, version: CurrentVersion) -> ThresholdResponse:
    """Explain the decision about one field."""
    return explain.explain_threshold(version, body)


@router.get("/ml/ids")
async def ids(version: CurrentVersion) -> KnownIds:
    """Every canonical id that the live version knows."""
    return KnownIds(model_version=version.version, ids=tuple(sorted(version.ids)))


@router.get("/ml/health")
async def health(holder: Holder) -> JSONResponse:
    """Check the live version; open to everyone."""
    found = health_of(holder)
    body: dict[str, Any] = {"status": "ok" if found.error is None else "error", "model_version": found.model_version}
    if found.precision is not None:
        body["encoder"] = {"precision": found.precision, **({"note": found.note} if found.note else {})}
    if holder.shadow.state is not None:
        body["shadow"] = holder.shadow.state
    return JSONResponse(body, 200) if found.error is None else JSONResponse({**body, "error": found.error}, 503)


@router.post("/reload", dependencies=[Admin])
async def reload(holder: Holder) -> Response:
    """Load the published version now. If it is refused, the response says why, and which version still serves."""
    try:
        changed = holder.reload()
    except (ModelError, StoreError) as error:
        serving = holder.current().version
        return problems.problem(503, "model-unusable", "The published version was refused", str(error), model_version=serving)
    return JSONResponse({"model_version": holder.current().version, "changed": changed})
