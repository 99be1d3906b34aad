"""Asks inference to load the live version now. Inference polls the pointer anyway, so a failure here is only logged."""

import json

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.lambda_transport import SCHEME, LambdaClient, lambda_client, split_target
from fieldwise_common.observability import logger

TIMEOUT_SECONDS = 60.0
"""Inference responds only when it has loaded the version."""


def reload_inference(url: str, token: str, version: str, client: LambdaClient | None = None) -> bool:
    """Asks inference at `url` to reload; returns whether it now serves `version`. Network and AWS errors are logged, not raised.

    `http(s)://…` is sent a POST to `/reload`, with `token` as bearer token unless it is empty; `lambda:///function` is invoked
    directly, through `client` or boto3's own.
    """
    if not url:
        logger.info("reload skipped: ML_SERVICE_RELOAD_URL is not set")
        return False
    try:
        served = _by_invoke(url, client) if url.startswith(f"{SCHEME}:") else _by_http(url, token)
    except (httpx.HTTPError, httpx.InvalidURL, BotoCoreError, ClientError, ValueError) as error:
        logger.warning("reload failed: inference will load the version at its next poll", extra={"error": type(error).__name__})
        return False
    if served != version:
        logger.warning("reload succeeded, but inference serves another version", extra={"promoted": version, "served": served})
    return served == version


def _by_http(url: str, token: str) -> str:
    address = url if url.rstrip("/").endswith("/reload") else url.rstrip("/") + "/reload"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = httpx.post(address, headers=headers, timeout=TIMEOUT_SECONDS)
    response.raise_for_status()
    return _version_in(response.content)


def _by_invoke(url: str, client: LambdaClient | None) -> str:
    target, _ = split_target(httpx.URL(url).path)
    response = (client or lambda_client(TIMEOUT_SECONDS)).invoke(FunctionName=target, Payload=b'{"action":"reload"}')
    payload: bytes = response["Payload"].read()
    if response.get("FunctionError"):
        raise ValueError("the function failed")
    return _version_in(payload)


def _version_in(body: bytes) -> str:
    """The version named in a response. Raises ValueError for a body that is not a JSON object."""
    content = json.loads(body)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return str(content.get("model_version", ""))
