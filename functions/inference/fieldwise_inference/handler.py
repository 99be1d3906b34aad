"""Lambda's entry point: direct actions first, for Mangum knows HTTP events only; everything else is the app's."""

import logging
import warnings
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum
from snapshot_restore_py import register_after_restore

from fieldwise_common.auth import make_verifier
from fieldwise_common.observability import logger, metrics, tracer
from fieldwise_common.settings import load_settings
from fieldwise_inference.app import create_app
from fieldwise_inference.dependencies import make_holder, preload
from fieldwise_inference.settings import InferenceSettings

# Mangum logs the traceback of an unhandled error, whose message may hold what the user typed.
logging.getLogger("mangum").setLevel(logging.CRITICAL + 1)
# a check of health has nothing to count
warnings.filterwarnings("ignore", message="No application metrics to publish")

_settings = load_settings(InferenceSettings)
_holder = make_holder(_settings)
_http = Mangum(
    create_app(_holder, make_verifier(_settings)), lifespan="off", text_mime_types=["application/json", "application/problem+json"]
)
preload(_holder)
metrics.flush_metrics()  # a snapshot would repeat what was counted so far at every restore


def after_restore() -> None:
    """Follows the pointer ahead of the first request: a snapshot serves the version that was live when it was taken."""
    _holder.look_again()
    preload(_holder)


register_after_restore(after_restore)


def _act(action: str) -> dict[str, Any]:
    """A direct invocation, authorised by IAM. A version that can't be loaded fails the invocation by its error's name."""
    changed = {"changed": _holder.reload()} if action == "reload" else {}
    return {"model_version": _holder.current().version, **changed}


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"action":"reload"}` → `{"model_version","changed"}`, `{"action":"warm"}` → `{"model_version"}`, HTTP events → HTTP answers."""
    action = event.get("action")
    if action in {"reload", "warm"}:
        return _act(action)
    answer = _http(event, context)  # type: ignore[arg-type]  # Mangum's own name for the same context
    metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=int(answer["statusCode"] >= 500))
    return answer
