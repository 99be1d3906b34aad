"""The real apps of backend and inference over moto: everything but Lambda and API Gateway is real, down to the objects of the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from fastapi.testclient import TestClient
from httpx import Client
from moto import mock_aws
from tests.support.function_client import function_client
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.server import Answer, running_server

from fieldwise_backend.app import create_app
from fieldwise_backend.dependencies import wire_up
from fieldwise_backend.settings import BackendSettings
from fieldwise_common.auth import JwksCache, TokenVerifier
from fieldwise_common.decision_log import LogRow, decode
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.s3 import S3Objects, s3_client
from fieldwise_inference.app import create_app as create_inference
from fieldwise_inference.serving.holder import VersionHolder

TABLE, STREAM, BUCKET, SECRET, KEY = "profiles", "decisions", "fieldwise-data", "user-hash-key", "a-key-for-tests"
LOG = f"s3://{BUCKET}/decisions/"


@dataclass(frozen=True)
class BothFunctions:
    """`inference` is called by the backend alone, with its own client. Nothing is published: inference loads a version on first use."""

    backend: TestClient
    inference: Client
    holder: VersionHolder
    objects: S3Objects
    issuer: Issuer

    def log(self) -> list[LogRow]:
        """All rows of the decision log, in its order."""
        s3 = boto3.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="decisions/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        return [row for key in keys for row in decode(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode(), key)]

    def table(self) -> list[dict[str, Any]]:
        """All items of the table: profiles, memories, recent forms."""
        items: list[dict[str, Any]] = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
        return items


@contextmanager
def both_functions(scratch: Path) -> Iterator[BothFunctions]:
    """Starts both; `scratch` is a folder for the versions that inference loads."""
    issuer = Issuer()
    with pytest.MonkeyPatch.context() as patched, mock_aws(), running_server() as server:
        patched.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        server.answers["/jwks"] = Answer(body=issuer.jwks())
        _make_resources()
        objects = S3Objects(BUCKET, "models", s3_client())
        holder = VersionHolder(ModelStore(objects), scratch / "cache", poll_seconds=3600)
        inference = function_client(create_inference(holder, TokenVerifier(ISSUER, frozenset({AUDIENCE}), JwksCache(issuer.jwks))))
        patched.setattr("fieldwise_backend.dependencies.make_http_client", lambda url, seconds: inference)
        settings = {
            "ml_service_url": "lambda:///inference",
            "profiles_table": TABLE,
            "decision_stream": STREAM,
            "user_hash_secret": SECRET,
            "model_store": f"s3://{BUCKET}/models",
            "auth_issuer": ISSUER,
            "auth_audience": AUDIENCE,
            "auth_jwks_url": f"{server.url}/jwks",
        }
        with inference, TestClient(create_app(wire_up(BackendSettings.model_validate(settings)))) as backend:
            yield BothFunctions(backend, inference, holder, objects, issuer)


def _make_resources() -> None:
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    destination = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": f"arn:aws:s3:::{BUCKET}", "Prefix": "decisions/"}
    boto3.client("firehose").create_delivery_stream(DeliveryStreamName=STREAM, ExtendedS3DestinationConfiguration=destination)
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=KEY)
