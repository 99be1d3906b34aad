"""Fixtures: the inference app with a store in a folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from tests.support.function_client import function_client
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from tests.support.tiny_version import folder_store, publish

from fieldwise_common.auth import ADMIN_SCOPE, JwksCache, TokenVerifier
from fieldwise_common.observability import metrics
from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.app import create_app
from fieldwise_inference.serving.holder import VersionHolder


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return folder_store(tmp_path / "models")


@pytest.fixture
def holder(objects: FolderObjects, tmp_path: Path) -> VersionHolder:
    """Polls so rarely that only a reload loads a new version."""
    return VersionHolder(ModelStore(objects), tmp_path / "cache", poll_seconds=3600)


@pytest.fixture
def client(holder: VersionHolder, issuer: Issuer) -> Iterator[Client]:
    verifier = TokenVerifier(ISSUER, frozenset({AUDIENCE}), JwksCache(issuer.jwks))
    metrics.clear_metrics()  # of tests before that called no handler
    with function_client(create_app(holder, verifier)) as client:
        client.headers["authorization"] = f"Bearer {issuer.token(scope=ADMIN_SCOPE)}"
        yield client
    metrics.clear_metrics()


@pytest.fixture
def version(objects: FolderObjects, tmp_path: Path) -> str:
    return publish(objects, tmp_path / "scratch")


def classify(client: Client, *fields: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/ml/classify", content=json.dumps({"fields": list(fields)}), headers={"content-type": "application/json"})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body
