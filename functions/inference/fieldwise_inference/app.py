"""The routes of inference. The same app answers HTTP and Lambda's Invoke.

Every route is a coroutine that never waits: it runs in the thread of the invocation, where X-Ray's segment is, and an
instance has one request at a time.
"""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from fieldwise_common import CODE_VERSION
from fieldwise_common.auth import TokenVerifier
from fieldwise_common.errors import ModelError, StoreError
from fieldwise_common.observability import metrics, traced_part
from fieldwise_common.web import problems
from fieldwise_common.web.authentication import Authentication
from fieldwise_common.web.body_limit import BodyLimit
from fieldwise_common.wire import (
    MAX_BODY_BYTES,
    ClassifyRequest,
    FillResponse,
    MlClassifyResponse,
    MlFillRequest,
    ThresholdRequest,
    ThresholdResponse,
    dump,
)
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.explain import explain_threshold
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.dependencies import Admin, Current, Holder
from fieldwise_inference.fill.dispatch import fill
from fieldwise_inference.health import health
from fieldwise_inference.serving.holder import VersionHolder

OPEN_PATHS = frozenset({"/ml/health"})
PROFILE_BYTES = 250_000
"""What a profile may add to the matches in a request to fill."""


@traced_part("classify")
def _classified(version: LoadedVersion, request: ClassifyRequest) -> MlClassifyResponse:
    answer = classify(version, request)
    outcomes = [decision.decision for decision in answer.decisions]
    metrics.add_metric(name="FieldsClassified", unit=MetricUnit.Count, value=len(outcomes))
    metrics.add_metric(name="FieldsAccepted", unit=MetricUnit.Count, value=outcomes.count("accepted"))
    metrics.add_metric(name="FieldsUnsure", unit=MetricUnit.Count, value=outcomes.count("unsure"))
    return answer


@traced_part("fill")
def _filled(version: LoadedVersion, request: MlFillRequest) -> FillResponse:
    answer = fill(request, version.encoder)
    metrics.add_metric(name="FillCount", unit=MetricUnit.Count, value=len(answer.fills))
    metrics.add_metric(name="UnfilledCount", unit=MetricUnit.Count, value=len(answer.unfilled))
    return answer


async def _classify(request: ClassifyRequest, version: Current) -> JSONResponse:
    return JSONResponse(dump(_classified(version, request)))


async def _fill(request: MlFillRequest, version: Current) -> JSONResponse:
    return JSONResponse(dump(_filled(version, request)))


async def _threshold(request: ThresholdRequest, version: Current) -> JSONResponse:
    return JSONResponse(dump(explain_threshold(version, request)))


async def _health(holder: Holder) -> JSONResponse:
    found = health(holder)
    body: dict[str, Any] = {"status": "ok" if found.error is None else "error", "model_version": found.model_version}
    if found.precision is not None:
        body["encoder"] = {"precision": found.precision, **({"note": found.note} if found.note else {})}
    return JSONResponse(body, 200) if found.error is None else JSONResponse({**body, "error": found.error}, 503)


async def _reload(holder: Holder) -> Response:
    """Follows the pointer now; a version that is refused is named, and the one that serves on too."""
    try:
        changed = holder.reload()
    except (ModelError, StoreError) as error:
        serving = holder.current().version
        return problems.problem(503, "model-unusable", "The published version was refused", str(error), model_version=serving)
    return JSONResponse({"model_version": holder.current().version, "changed": changed})


def create_app(holder: VersionHolder, verifier: TokenVerifier) -> FastAPI:
    """The app over a holder of versions and a verifier of tokens; it opens nothing by itself."""
    app = FastAPI(title="Fieldwise inference", version=CODE_VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.holder = holder
    # the last one added is the first one asked: the token, then the body's size
    app.add_middleware(BodyLimit, limit=MAX_BODY_BYTES + PROFILE_BYTES)
    app.add_middleware(Authentication, verify=verifier.verify, open_paths=OPEN_PATHS)
    problems.install(app)
    app.post("/ml/classify", response_model=MlClassifyResponse)(_classify)
    app.post("/ml/fill", response_model=FillResponse)(_fill)
    app.post("/ml/debug/threshold", response_model=ThresholdResponse)(_threshold)
    app.get("/ml/health", response_model=None)(_health)
    app.post("/reload", dependencies=[Admin], response_model=None)(_reload)
    return app
