"""A container of an image, started as Lambda would: one CPU, its memory, nothing writable but /tmp, as nobody in particular."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
import httpx
from benchmarks.containers.subjects import Subject
from docker.errors import DockerException
from docker.models.containers import Container

from fieldwise_common.errors import DataError
from local.containers.docker import require_engine
from local.refusal import Refusal

CPUS, MEGABYTES = 1, 1769
NOBODY = "993:990"
PORT = "8080/tcp"
INVOCATIONS = "/2015-03-31/functions/function/invocations"
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in milliseconds.

    The emulator initialises a function when it is first asked: `first` is from the question to the answer, `next` the same
    question again, so that `first - next` is what the cold start adds. `megabytes` (10**6 bytes) are in use after both.
    """

    first: float
    next: float
    megabytes: float

    @property
    def cold(self) -> float:
        """What starting adds to an answer."""
        return self.first - self.next


@contextmanager
def engine() -> Iterator[docker.DockerClient]:
    """The Docker engine. Raises DataError, in one line, when it does not answer."""
    try:
        require_engine()
    except Refusal as error:
        raise DataError(str(error)) from error
    client = docker.from_env()
    try:
        yield client
    finally:
        client.close()


def started(client: docker.DockerClient, subject: Subject) -> Start:
    """Starts a container, asks it twice, and removes it. Raises DataError when the image is missing or an answer is an error."""
    container = _run(client, subject)
    try:
        container.reload()
        (binding,) = container.ports[PORT]
        with httpx.Client(base_url=f"http://127.0.0.1:{binding['HostPort']}", timeout=SECONDS, trust_env=False) as http:
            _wait(http, subject)
            first, following = (_asked(http, subject) for _ in range(2))
        return Start(first, following, container.stats(stream=False)["memory_stats"]["usage"] / 1e6)
    finally:
        container.remove(force=True)


def _run(client: docker.DockerClient, subject: Subject) -> Container:
    try:
        return client.containers.run(
            subject.image,
            subject.command,
            detach=True,
            nano_cpus=CPUS * 10**9,
            mem_limit=f"{MEGABYTES}m",
            memswap_limit=f"{MEGABYTES}m",
            user=NOBODY,
            read_only=True,
            tmpfs={"/tmp": "size=512m,mode=1777,exec"},  # noqa: S108 the container's own
            environment={"AWS_DEFAULT_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEGABYTES), **subject.environment},
            volumes={str(folder): {"bind": place, "mode": "ro"} for folder, place in subject.folders.items()},
            ports={PORT: ("127.0.0.1", 0)},
        )
    except DockerException as error:
        raise DataError(f"{subject.image} can't be started: build it with `sam build` ({type(error).__name__})") from error


def _wait(http: httpx.Client, subject: Subject) -> None:
    """Until the emulator listens; asking it anything would already start the function."""
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        try:
            http.get("/")
            return
        except httpx.TransportError:
            time.sleep(0.02)
    raise DataError(f"{subject.image} did not listen within {SECONDS:.0f} seconds")


def _asked(http: httpx.Client, subject: Subject) -> float:
    begun = time.perf_counter()
    answer = http.post(INVOCATIONS, json=subject.event)
    took = 1000 * (time.perf_counter() - begun)
    if error := _error(answer.content):
        raise DataError(f"{subject.image} answered {error}")
    return took


def _error(content: bytes) -> str:
    try:
        answer: Any = json.loads(content)
    except ValueError:
        return "with no JSON"
    return f"{answer.get('errorType')}: {answer['errorMessage']}" if isinstance(answer, dict) and "errorMessage" in answer else ""
