"""The Lambda entry point: direct actions (`reload`, `warm`), and HTTP events, which the app answers."""

import gc
import time

_began = time.perf_counter()
gc.disable()  # the imports make only what stays: to look through it again and again would be a seventh of their time

import os
import warnings
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from snapshot_restore_py import register_after_restore

from fieldwise_common.auth import make_verifier
from fieldwise_common.errors import InvalidRequest
from fieldwise_common.observability import logger, metrics, traced_handler
from fieldwise_common.settings import load_settings
from fieldwise_inference.app import create_app
from fieldwise_inference.dependencies import make_holder, preload
from fieldwise_inference.http_event import is_http
from fieldwise_inference.routes import import_all
from fieldwise_inference.settings import InferenceSettings

if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand") != "on-demand":
    import_all()  # before a snapshot, or with provisioned concurrency, no request waits for it
gc.freeze()
gc.enable()
_imported = time.perf_counter()

# a health check has no metrics
warnings.filterwarnings("ignore", message="No application metrics to publish")

_settings = load_settings(InferenceSettings)
_holder = make_holder(_settings)
_start: dict[str, float] = {}
"""What `/ml/health` reports of the start of this process, or of its restore from a snapshot: milliseconds by phase."""
_app = create_app(_holder, make_verifier(_settings), _start)
_ready = time.perf_counter()
preload(_holder)


def _report(message: str, began: float, **phases: float) -> None:
    """Logs a start. The phases of loading a version overlap; `total` is the time from `began` to now."""
    _start.clear()
    _start.update({name: round(ms, 1) for name, ms in {**phases, "total": (time.perf_counter() - began) * 1000}.items()})
    logger.info(message, extra={"phases": dict(_start)})


_report("started", _began, imports=(_imported - _began) * 1000, settings=(_ready - _imported) * 1000, **_holder.phases)
metrics.flush_metrics()  # else every restore of a snapshot would publish the metrics of the preload again


def after_restore() -> None:
    """Reads the pointer before the first request: a snapshot holds the version that was live when it was taken."""
    began, loaded_before = time.perf_counter(), _holder.phases
    _holder.poll_next()
    preload(_holder)
    _report("restored", began, **(_holder.phases if _holder.phases is not loaded_before else {}))


register_after_restore(after_restore)

ACTIONS = ("reload", "warm")


def _act(action: str) -> dict[str, Any]:
    """A direct invocation, authorised by IAM. If the version can't be loaded, the invocation fails with the error."""
    import_all()
    changed = {"changed": _holder.reload()} if action == "reload" else {}
    return {"model_version": _holder.caught_up().version, **changed}


@logger.inject_lambda_context(clear_state=True)
@traced_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{"action":"reload"}` → `{"model_version","changed"}`, `{"action":"warm"}` → `{"model_version"}`, HTTP events → HTTP responses.

    Any other event fails the invocation with InvalidRequest.
    """
    action = event.get("action")
    if action in ACTIONS:
        return _act(action)
    if not is_http(event):  # a response with an error status would be a success to who sent it
        raise InvalidRequest(f"the event is neither an HTTP request nor a known action: the actions are {' and '.join(ACTIONS)}")
    answer = _app(event)
    metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=int(answer["statusCode"] >= 500))
    return answer
