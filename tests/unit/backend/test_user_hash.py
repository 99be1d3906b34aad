from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.stub import Stubber
from tests.support.server import Answer, Server
from tests.unit.backend.conftest import SECRET, Lines

from fieldwise_backend.adapters.user_hash import SecretUserHasher, secrets_provider
from fieldwise_common.auth import Caller

CALLER = Caller("https://issuer.example", "ada", frozenset())


def test_a_missing_secret_is_logged_by_its_error_code(aws: None, logged: Lines, counted: dict[str, Any]) -> None:
    assert SecretUserHasher("no-such-secret", secrets_provider()).hash(CALLER) == ""

    assert [line.error for line in logged.named("the key of the user hashes can't be read")] == ["ResourceNotFoundException"]
    assert counted["UserHashFailed"]["Value"] == [1.0]


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure"])
def test_an_error_of_secrets_manager_is_logged_by_its_code_alone(aws: None, logged: Lines, counted: dict[str, Any], code: str) -> None:
    client = boto3.client("secretsmanager")
    with Stubber(client) as stub:
        stub.add_client_error("get_secret_value", code, "tell-nobody")

        assert SecretUserHasher(SECRET, SecretsProvider(boto3_client=client)).hash(CALLER) == ""

    assert [line.error for line in logged.named("the key of the user hashes can't be read")] == [code]
    assert "tell-nobody" not in logged.everything()


def test_a_timeout_is_logged_by_the_errors_type(
    monkeypatch: pytest.MonkeyPatch, server: Server, logged: Lines, counted: dict[str, Any]
) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
    server.answers["/"] = Answer(after_seconds=3.0)

    assert SecretUserHasher(SECRET, secrets_provider()).hash(CALLER) == ""

    assert [line.error for line in logged.named("the key of the user hashes can't be read")] == ["ReadTimeoutError"]
