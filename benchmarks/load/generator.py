"""An open loop: requests are sent when they are due, however many are unanswered, as independent users would.

A time counts from when the request was due, not from when it was sent: a stack that stalls is not asked less, nor does the wait go unseen
(Tene: How not to measure latency, 2013, on coordinated omission).
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import ValidationError

from fieldwise_common.wire import ClassifyResponse

MAX_IN_FLIGHT = 200
TIMEOUT_SECONDS = 35.0
PATH = "/api/autofill/classify"


@dataclass(frozen=True, slots=True)
class Request:
    """A request: when it is due, in seconds after the beginning; whose it is; its body."""

    due: float
    token: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request. `finished`: seconds after the beginning; `error`: "" for an answer.

    matches: of the answer, each field that was understood, and as what.
    """

    due: float
    finished: float
    version: str = ""
    error: str = ""
    matches: tuple[tuple[str, str], ...] = ()

    @property
    def milliseconds(self) -> float:
        """From when it was due."""
        return 1000 * (self.finished - self.due)


def arrivals(rate: float, seconds: float, seed: int = 0) -> list[float]:
    """When requests are due: a Poisson process of `rate` a second, for `seconds`; the same for the same seed."""
    draw, due, times = random.Random(seed), 0.0, []  # noqa: S311  # a simulation
    while (due := due + draw.expovariate(rate)) < seconds:
        times.append(due)
    return times


async def send_all(url: str, requests: Sequence[Request], began: float) -> list[Answer]:
    """Sends each when it is due, counted from `began` (of `time.monotonic`); the answers in the requests' order, failures included."""
    limits = httpx.Limits(max_connections=MAX_IN_FLIGHT)
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False) as client:
        return await asyncio.gather(*(_send(client, request, began) for request in requests))


async def _send(client: httpx.AsyncClient, request: Request, began: float) -> Answer:
    await asyncio.sleep(max(0.0, began + request.due - time.monotonic()))
    try:
        response = await client.post(PATH, json=request.body, headers={"Authorization": f"Bearer {request.token}"})
    except httpx.HTTPError as fault:
        return Answer(request.due, time.monotonic() - began, error=type(fault).__name__)
    return _read(response, request.due, time.monotonic() - began)


def _read(response: httpx.Response, due: float, finished: float) -> Answer:
    if response.is_error:
        return Answer(due, finished, error=str(response.status_code))
    try:
        content = ClassifyResponse.model_validate_json(response.content)
    except ValidationError:
        return Answer(due, finished, error="not an answer")
    if content.ignored:
        return Answer(due, finished, error="fields were ignored")
    return Answer(due, finished, content.model_version, matches=tuple((match.selector, match.canonical) for match in content.matches))
