"""The key of the user and site hashes: a secret that is read on first use and cached."""

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config

from fieldwise_backend.hashing import HashKey
from fieldwise_common.aws import code_of
from fieldwise_common.observability import logger, metrics, traced_part

CACHE_SECONDS = 24 * 3600
"""Long, because the key is not rotated: under a new key, no user's rows would match their older ones."""
FAILED = "UserHashFailed"


class SecretHashKey:
    """The secret named `name`. `secrets` reads and caches it."""

    def __init__(self, name: str, secrets: SecretsProvider) -> None:
        self._name = name
        self._secrets = secrets

    def read(self) -> HashKey:
        """An empty key when the secret can't be read, which a metric counts: a row without its user is better than a failed request."""
        try:
            with traced_part("user hash"):
                key = self._secrets.get(self._name, max_age=CACHE_SECONDS)
        except GetParameterError as error:
            cause = error.__context__ or error  # Powertools raises without `from`: Secrets Manager's error is the context
            logger.error("the key of the user hashes can't be read", extra={"error": code_of(cause)})
            metrics.add_metric(name=FAILED, unit=MetricUnit.Count, value=1)
            return HashKey()
        return HashKey(key if isinstance(key, bytes) else str(key).encode())


def secrets_provider() -> SecretsProvider:
    """Powertools' provider, with one short attempt: the log must not delay a request."""
    limits = Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 1})
    return SecretsProvider(boto3_client=boto3.client("secretsmanager", config=limits))
