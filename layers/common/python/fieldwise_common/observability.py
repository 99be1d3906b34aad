"""The one place that makes logger, tracer and metrics, so that every function's look alike.

Nothing here logs events or bodies: they hold tokens and the user's own data.
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Fieldwise")
"""Of every metric; a stack has one of its own, so that two in one account can be told apart."""

logger = Logger()
tracer = Tracer(auto_patch=False)
metrics = Metrics(namespace=NAMESPACE)

# it logs the traceback of whatever a traced method raises, and the message of an error may hold what the user typed
logging.getLogger("aws_lambda_powertools.tracing.tracer").disabled = True


def count_by_version(name: str, value: float, model_version: str) -> None:
    """One metric by model version: it is written at once, for the dimension is no other metric's."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        metric.add_dimension("model_version", model_version)


@contextmanager
def traced_part(name: str) -> Iterator[None]:
    """A part of an invocation: an X-Ray subsegment `## <name>`. An error is marked in it, by its type alone."""
    recorder: Any = tracer.provider
    part = recorder.begin_subsegment(f"## {name}")  # `in_subsegment` would keep the message, which may hold what the user typed
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
    """As `traced_part`, and a metric `<Name>Time` in milliseconds."""
    began = time.perf_counter()
    with traced_part(name):
        yield
    metrics.add_metric(name=f"{name.title()}Time", unit=MetricUnit.Milliseconds, value=(time.perf_counter() - began) * 1000)
