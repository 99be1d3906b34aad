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
    """What became of a request. `finished`: seconds after the beginning; `error`: "" for an answer with a decision for every field."""

    due: float
    finished: float
    version: str = ""
    error: str = ""

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
    version, error = "", ""
    try:
        response = await client.post(PATH, json=request.body, headers={"Authorization": f"Bearer {request.token}"})
    except httpx.HTTPError as fault:
        error = type(fault).__name__
    else:
        version, error = _read(response, len(request.body["fields"]))
    return Answer(request.due, time.monotonic() - began, version, error)


def _read(response: httpx.Response, fields: int) -> tuple[str, str]:
    """The version that answered, and what is wrong with the answer, or ""."""
    if response.is_error:
        return "", str(response.status_code)
    try:
        content = response.json()
        version, decided = str(content["model_version"]), len(content["decisions"])
    except (ValueError, KeyError, TypeError):
        return "", "not an answer"
    return version, "" if decided == fields else "fields without a decision"
