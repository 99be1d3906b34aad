"""The parts of a request: the processor time of each, without that of the parts inside it."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from fieldwise_backend.adapters.inference import HttpInference
from fieldwise_backend.adapters.user_hash import SecretHashKey
from fieldwise_backend.autofill import service
from fieldwise_backend.autofill.service import AutofillService
from fieldwise_backend.memory.service import Memory
from fieldwise_backend.profile.service import ProfileService
from fieldwise_common.auth import TokenVerifier
from fieldwise_common.lambda_transport import LambdaTransport

WEB = "the web layer: event, validation, response"
PLACES: Mapping[tuple[Any, str], str] = {
    (TokenVerifier, "verify"): "the token",
    (SecretHashKey, "read"): "the key of the hashes",
    (Memory, "recall"): "memory: reading (DynamoDB)",
    (Memory, "keep_form"): "memory: keeping the form (DynamoDB)",
    (ProfileService, "read_or_empty"): "profile: reading (DynamoDB)",
    (service, "flatten"): "profile: flattening",
    (HttpInference, "classify"): "inference: models to JSON and back",
    (HttpInference, "fill"): "inference: models to JSON and back",
    (LambdaTransport, "handle_request"): "inference: the call (Lambda)",
    (AutofillService, "classify"): "the rest of the service",
    (AutofillService, "fill"): "the rest of the service",
}
"""Which function is which part."""


class Stopwatch:
    """Milliseconds of processor time by part, of all calls since `start`."""

    def __init__(self) -> None:
        self._inner = threading.local()
        self._taken: dict[str, float] = defaultdict(float)
        self._start = 0.0

    def start(self) -> None:
        """Begins a request."""
        self._taken.clear()
        self._start = time.process_time()

    def stop(self) -> dict[str, float]:
        """Ends it. What is in no part is the web layer's."""
        total = (time.process_time() - self._start) * 1000
        return {**self._taken, WEB: total - sum(self._taken.values())}

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted as `part`."""

        @wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            outer, self._inner.ms = getattr(self._inner, "ms", 0.0), 0.0
            start = time.thread_time()
            try:
                return function(*args, **named)
            finally:
                whole = (time.thread_time() - start) * 1000
                self._taken[part] += whole - self._inner.ms
                self._inner.ms = outer + whole

        return call


@contextmanager
def timed_parts() -> Iterator[Stopwatch]:
    """Times every part while it is open."""
    stopwatch = Stopwatch()
    with ExitStack() as patches:
        for (owner, name), part in PLACES.items():
            patches.enter_context(patch.object(owner, name, stopwatch.timed(part, getattr(owner, name))))
        yield stopwatch
