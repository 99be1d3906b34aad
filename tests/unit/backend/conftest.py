import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from fastapi.testclient import TestClient
from moto import mock_aws
from moto.core.models import MockAWS
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, Server, running_server
from tests.unit.backend.answers import IDS

from fieldwise_backend.app import create_app
from fieldwise_backend.dependencies import wire_up
from fieldwise_backend.settings import BackendSettings
from fieldwise_common.observability import logger, metrics

TABLE = "profiles"
STREAM = "decisions"
BUCKET = "fieldwise-data"
SECRET = "user-hash-key"


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="session")
def server_process() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def server(server_process: Server, issuer: Issuer) -> Server:
    """Inference, of which only the known ids are prepared, and the issuer's JWKS, at one address."""
    server_process.received.clear()
    server_process.answers.clear()
    server_process.answers["/jwks"] = Answer(body=issuer.jwks())
    server_process.answers["/ml/ids"] = Answer(body=IDS)
    return server_process


@pytest.fixture(scope="module")
def moto_started() -> Iterator[MockAWS]:
    """Once per module: most of the time goes into boto3 reading its service descriptions."""
    with pytest.MonkeyPatch.context() as environment, mock_aws() as aws:
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        yield aws


@pytest.fixture
def aws(moto_started: MockAWS) -> None:
    """The backend's resources, empty."""
    moto_started.reset()
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    boto3.client("firehose").create_delivery_stream(
        DeliveryStreamName=STREAM,
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            "BucketARN": f"arn:aws:s3:::{BUCKET}",
            "Prefix": "decisions/",
        },
    )
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString="a-key-for-tests")


@pytest.fixture
def environment(server: Server) -> dict[str, str]:
    return {
        "ML_SERVICE_URL": server.url,
        "ML_TIMEOUT_SECONDS": "0.5",
        "PROFILES_TABLE": TABLE,
        "DECISION_STREAM": STREAM,
        "USER_HASH_SECRET": SECRET,
        "MODEL_STORE": f"s3://{BUCKET}/models",
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS_URL": f"{server.url}/jwks",
    }


@pytest.fixture
def api(aws: None, environment: dict[str, str], issuer: Issuer) -> Iterator[TestClient]:
    """The whole app over moto and the server, as the user `ada`."""
    settings = BackendSettings.model_validate({name.lower(): value for name, value in environment.items()})
    with TestClient(create_app(wire_up(settings)), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {issuer.token()}"
        yield client


class Lines(logging.Handler):
    """What the function logged, as records with their extras."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def named(self, message: str) -> list[Any]:
        return [record for record in self.records if record.getMessage() == message]

    def everything(self) -> str:
        return "\n".join(str(vars(record)) for record in self.records)


@pytest.fixture
def logged() -> Iterator[Lines]:
    lines = Lines()
    logger.addHandler(lines)
    yield lines
    logging.getLogger(logger.name).removeHandler(lines)


@pytest.fixture
def counted() -> Iterator[dict[str, Any]]:
    """The metrics counted so far, by name."""
    metrics.clear_metrics()
    yield metrics.provider.metric_set
    metrics.clear_metrics()
