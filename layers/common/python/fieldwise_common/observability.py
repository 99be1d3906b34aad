"""The one place that makes logger, tracer and metrics, so that every function's look alike.

Nothing here logs events or bodies: they hold tokens and the user's own data.
"""

from aws_lambda_powertools import Logger, Metrics, Tracer

logger = Logger()
tracer = Tracer(auto_patch=False)
metrics = Metrics(namespace="Fieldwise")
