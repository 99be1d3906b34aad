from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.stub import Stubber
from tests.support.server import Answer, Server
from tests.unit.backend.conftest import SECRET, Lines

from fieldwise_backend.adapters.user_hash import SecretHashKey, secrets_provider
from fieldwise_backend.hashing import HashKey
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import site_hash, user_hash

CALLER = Caller("https://issuer.example", "ada", frozenset())


def test_a_missing_secret_is_logged_by_its_error_code(aws: None, logged: Lines, counted: dict[str, Any]) -> None:
    assert SecretHashKey("no-such-secret", secrets_provider()).read() == HashKey()

    assert [line.error for line in logged.named("the key of the user hashes can't be read")] == ["ResourceNotFoundException"]
    assert counted["UserHashFailed"]["Value"] == [1.0]


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure"])
def test_an_error_of_secrets_manager_is_logged_by_its_code_alone(aws: None, logged: Lines, counted: dict[str, Any], code: str) -> None:
    client = boto3.client("secretsmanager")
    with Stubber(client) as stub:
        stub.add_client_error("get_secret_value", code, "tell-nobody")

        assert SecretHashKey(SECRET, SecretsProvider(boto3_client=client)).read() == HashKey()

    assert [line.error for line in logged.named("the key of the user hashes can't be read")] == [code]
    assert "tell-nobody" not in logged.everything()


def test_a_timeout_is_logged_by_the_errors_type(
    monkeypatch: pytest.MonkeyPatch, server: Server, logged: Lines, counted: dict[str, Any]
) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
    server.answers["/"] = Answer(after_seconds=3.0)

    assert SecretHashKey(SECRET, secrets_provider()).read() == HashKey()

    assert [line.error for line in logged.named("the key of the user hashes can't be read")] == ["ReadTimeoutError"]


def test_one_key_gives_the_hashes_of_users_and_sites(aws: None) -> None:
    key = SecretHashKey(SECRET, secrets_provider()).read()

    assert key.user(CALLER) == user_hash(b"a-key-for-tests", CALLER.issuer, CALLER.subject)
    assert key.site("https://shop.example") == site_hash(b"a-key-for-tests", "https://shop.example")
    assert "a-key-for-tests" not in repr(key)


def test_without_the_key_there_are_no_hashes() -> None:
    assert (HashKey().user(CALLER), HashKey().site("https://shop.example"), HashKey().site("")) == ("", "", "")
