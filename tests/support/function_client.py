"""A client of inference's app: httpx's requests become events, as those of the backend do."""

import io
import json
from collections.abc import Mapping
from typing import Any

import httpx

from fieldwise_common.lambda_transport import LambdaTransport
from fieldwise_inference.app import App


class Invoked:
    """Lambda's Invoke, of an app in this process."""

    def __init__(self, app: App) -> None:
        self._app = app

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 boto3's own names
        return {"Payload": io.BytesIO(json.dumps(self._app(json.loads(Payload))).encode())}


def function_client(app: App) -> httpx.Client:
    """Its paths are the app's."""
    return httpx.Client(base_url="lambda:///inference", transport=LambdaTransport(Invoked(app)))
