"""The Lambda entry point."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum

from fieldwise_backend.app import create_app
from fieldwise_backend.dependencies import production
from fieldwise_common.observability import logger, metrics, traced_handler

# its tracebacks quote user data, and the app has already logged the error's type and place
logging.getLogger("mangum").setLevel(logging.CRITICAL + 1)

TEXT = ["application/json", "application/problem+json", "text/"]
"""Content types returned as they are; Mangum encodes any other in base64."""

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

dependencies = production()
application = Mangum(create_app(dependencies), lifespan="off", text_mime_types=TEXT)


def ends_with_deferred_work(handler: Handler) -> Handler:
    """The outermost decorator: deferred work, which competes for the processor, begins when all else of the answer is done."""

    @wraps(handler)
    def call(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        try:
            return handler(event, context)
        finally:
            dependencies.deferral.answered(context.aws_request_id)

    return call


@ends_with_deferred_work
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
@traced_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handles an HTTP API event (payload format 2.0)."""
    answer = application(event, context)  # type: ignore[arg-type]  # Mangum's own name for the same context
    metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=int(answer["statusCode"] >= 500))
    return answer
