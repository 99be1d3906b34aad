"""The log's pseudonyms, keyed by a secret that is read at first need and kept."""

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config

from fieldwise_common.auth import Caller
from fieldwise_common.aws_errors import code_of
from fieldwise_common.decision_log import user_hash
from fieldwise_common.observability import logger, metrics, traced_part

KEPT_SECONDS = 24 * 3600
"""The key is not rotated: a new one would make every user a stranger to the log."""
FAILED = "UserHashFailed"


class SecretUserHasher:
    """Hashes with the secret named `name`. `secrets` reads and keeps it."""

    def __init__(self, name: str, secrets: SecretsProvider) -> None:
        self._name = name
        self._secrets = secrets

    def hash(self, caller: Caller) -> str:
        """Empty when the secret can't be read, which a metric counts: a row without its user is better than no answer."""
        try:
            with traced_part("user hash"):
                key = self._secrets.get(self._name, max_age=KEPT_SECONDS)
        except GetParameterError as error:
            said = error.__context__ or error  # Powertools raises without `from`: what Secrets Manager said is the context
            logger.error("the user hash's key can't be read", extra={"error": code_of(said)})
            metrics.add_metric(name=FAILED, unit=MetricUnit.Count, value=1)
            return ""
        return user_hash(key if isinstance(key, bytes) else str(key).encode(), caller.issuer, caller.subject)


def secrets_provider() -> SecretsProvider:
    """Powertools' provider, with one short attempt: the log must not hold a request up."""
    limits = Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 1})
    return SecretsProvider(boto3_client=boto3.client("secretsmanager", config=limits))
