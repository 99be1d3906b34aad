"""The logger, tracer and metrics of every function.

Events and bodies are never logged: they hold tokens and user data.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Fieldwise")
"""Of every metric; each stack has its own, so that two stacks in one account don't mix."""

LambdaHandler = Callable[..., Any]


def _is_traced() -> bool:
    """Whether X-Ray's daemon listens, by Powertools' own rule: in Lambda, but not in an emulator of it."""
    in_lambda = "LAMBDA_TASK_ROOT" in os.environ and "AWS_SAM_LOCAL" not in os.environ
    return in_lambda and os.environ.get("POWERTOOLS_TRACE_DISABLED", "false").lower() not in {"1", "true", "yes", "on", "t", "y"}


logger = Logger()
metrics = Metrics(namespace=NAMESPACE)
_tracer = Tracer(auto_patch=False) if _is_traced() else None
"""None where nothing is traced: a Tracer imports the X-Ray SDK, and with it botocore, even if it is disabled."""

# it logs the traceback of an error in a traced method, and an error's message may hold user data
logging.getLogger("aws_lambda_powertools.tracing.tracer").disabled = True


def log_bug(error: Exception) -> None:
    """Logs an unexpected error by type and place alone: its message may hold user data."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else ""
    logger.error("unhandled error", extra={"error": type(error).__name__, "place": place})


def count_by_version(name: str, value: float, model_version: str) -> None:
    """A metric with the dimension `model_version`, written at once: no other metric has that dimension."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        metric.add_dimension("model_version", model_version)


def traced_handler(handler: LambdaHandler) -> LambdaHandler:
    """The handler in a subsegment `## <its name>`, without its response and errors: both would put user data into traces."""
    return _tracer.capture_lambda_handler(handler, capture_response=False, capture_error=False) if _tracer is not None else handler


@contextmanager
def traced_part(name: str) -> Iterator[None]:
    """An X-Ray subsegment `## <name>` around a part of an invocation. An error in it is recorded by its type alone."""
    if _tracer is None:
        yield
        return
    recorder: Any = _tracer.provider
    part = recorder.begin_subsegment(f"## {name}")  # `in_subsegment` would record the message, which may hold user data
    try:
        yield
    except Exception as error:
        part.add_fault_flag()
        part.put_annotation("error", type(error).__name__)
        raise
    finally:
        recorder.end_subsegment()


@contextmanager
def timed_part(name: str) -> Iterator[None]:
    """As `traced_part`, with a metric `<Name>Time` in milliseconds."""
    began = time.perf_counter()
    with traced_part(name):
        yield
    metrics.add_metric(name=f"{name.title()}Time", unit=MetricUnit.Milliseconds, value=(time.perf_counter() - began) * 1000)
