"""The real inference handler: HTTP API events in, decisions out, with a token it verifies itself."""

import importlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from benchmarks.quality.serving.process import HANDLER_MODULE, function_process
from benchmarks.quality.truth.fields import TruthField
from cryptography.hazmat.primitives.asymmetric import rsa

from fieldwise_common.errors import InferenceUnavailable
from fieldwise_common.lambda_transport import as_event
from fieldwise_common.wire import MlClassifyResponse
from local.issuer import AUDIENCE, ISSUER, Issuer
from local.web_server import WebServer

PATH = "/ml/classify"


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What Lambda tells a function of itself, as far as ours read it."""

    function_name: str = "inference"
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:inference"
    aws_request_id: str = "quality"


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, and the seconds it took."""

    response: MlClassifyResponse
    seconds: float


class Inference:
    """The handler with a token to call it by; `version` is the one it serves."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], dict[str, Any]], token: str) -> None:
        """Raises ModelError or StoreError when the store has no version to serve."""
        self._handler = handler
        self._token = token
        self.version: str = handler({"action": "warm"}, LambdaContext())["model_version"]

    def classify(self, form: Sequence[TruthField]) -> Answered:
        """One request with all fields of a form, as its client would send it. Raises InferenceUnavailable when it is refused."""
        headers = {"authorization": f"Bearer {self._token}"}
        request = httpx.Request("POST", f"lambda:///inference{PATH}", json={"fields": [field.sent for field in form]}, headers=headers)
        event = as_event(request, PATH)
        started = time.perf_counter()
        answer = self._handler(event, LambdaContext())
        seconds = time.perf_counter() - started
        if answer["statusCode"] != httpx.codes.OK:
            raise InferenceUnavailable(f"inference answered {answer['statusCode']} to the form of {form[0].site}: {answer.get('body')}")
        return Answered(MlClassifyResponse.model_validate_json(answer["body"]), seconds)


@contextmanager
def running_inference(store: str) -> Iterator[Inference]:
    """Inference over the model store at `store` (a folder or `s3://…`), and an issuer that lives as long as it.

    Raises ModelError or StoreError when the store has no version to serve, SettingsError when `store` is no store.
    """
    issuer = Issuer(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    keys = WebServer(issuer)
    environment = {
        "MODEL_STORE": store,
        "MODEL_POLL_SECONDS": "86400",
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS_URL": f"{keys.url}/.well-known/jwks.json",
        "NO_PROXY": "127.0.0.1",
    }
    try:
        with function_process(environment):
            yield Inference(importlib.import_module(HANDLER_MODULE).lambda_handler, issuer.token("quality"))
    finally:
        keys.stop()
