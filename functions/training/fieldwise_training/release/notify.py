"""Telling inference that there is another version; it would find out by itself at its next poll, so failing is no failure."""

import json

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.lambda_transport import SCHEME, LambdaClient, lambda_client, split_target
from fieldwise_common.observability import logger

TIMEOUT_SECONDS = 60.0
"""Loading a version is part of the answer."""


def notify(url: str, token: str, version: str, client: LambdaClient | None = None) -> bool:
    """Asks inference at `url` to reload; whether it now serves `version`. Never raises for what happens on the way.

    `http(s)://…` is posted to `/reload` with `token`, where there is one; `lambda:///function` is invoked directly
    (`client`: by default boto3's own).
    """
    if not url:
        logger.info("nobody to tell about the new version")
        return False
    try:
        served = _by_invoke(url, client) if url.startswith(f"{SCHEME}:") else _by_http(url, token)
    except (httpx.HTTPError, httpx.InvalidURL, BotoCoreError, ClientError, ValueError) as error:
        logger.warning("reload failed: inference finds the version at its next poll", extra={"error": type(error).__name__})
        return False
    if served != version:
        logger.warning("reload answered, but another version is served", extra={"promoted": version, "served": served})
    return served == version


def _by_http(url: str, token: str) -> str:
    address = url if url.rstrip("/").endswith("/reload") else url.rstrip("/") + "/reload"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(address, headers=headers, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    return _version_in(answer.content)


def _by_invoke(url: str, client: LambdaClient | None) -> str:
    target, _ = split_target(httpx.URL(url).path)
    answer = (client or lambda_client(TIMEOUT_SECONDS)).invoke(FunctionName=target, Payload=b'{"action":"reload"}')
    payload: bytes = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise ValueError("the function failed")
    return _version_in(payload)


def _version_in(body: bytes) -> str:
    """Raises ValueError for an answer that is no JSON object."""
    content = json.loads(body)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return str(content.get("model_version", ""))
