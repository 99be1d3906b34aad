"""The one place that makes logger, tracer and metrics, so that every function's look alike.

Nothing here logs events or bodies: they hold tokens and the user's own data.
"""

import logging

from aws_lambda_powertools import Logger, Metrics, Tracer

logger = Logger()
tracer = Tracer(auto_patch=False)
metrics = Metrics(namespace="Fieldwise")

# it logs the traceback of whatever a traced method raises, and the message of an error may hold what the user typed
logging.getLogger("aws_lambda_powertools.tracing.tracer").disabled = True
