"""A container, started as Lambda would: one CPU, its memory, nothing writable but /tmp, an unprivileged user."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import httpx
from docker.errors import DockerException
from docker.models.containers import Container

from fieldwise_common.errors import DataError
from local.containers.docker import require_engine
from local.refusal import Refusal

IMAGES = {"inference": "inferencefunction:inference", "training": "trainingfunction:training"}
"""The tags that `sam build` gives, by function."""
CPUS, MEGABYTES = 1, 1769
USER = "993:990"
PORT = "8080/tcp"
INVOCATIONS = "/2015-03-31/functions/function/invocations"
SECONDS = 120.0
ENVIRONMENT = {"AUTH_ISSUER": "https://issuer.invalid", "AUTH_AUDIENCE": "benchmark", "POWERTOOLS_TRACE_DISABLED": "true"}
"""What both functions need to start; no request with a token is sent."""
STORE = "/models"
"""The model store's folder in a container."""
EMPTY = Path(__file__).parent / "empty"


@dataclass(frozen=True, slots=True)
class Subject:
    """An image, what it is started with, and the event it is invoked with. `folders` are mounted read-only."""

    name: str
    image: str
    event: Mapping[str, object]
    environment: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[Path, str] = field(default_factory=dict)
    command: str | None = None


def inference(store: Path) -> Subject:
    """Inference with the version that `store`, a folder, publishes; its start includes loading it."""
    return Subject(
        name="inference",
        image=IMAGES["inference"],
        event={"action": "warm"},
        environment={**ENVIRONMENT, "POWERTOOLS_SERVICE_NAME": "inference", "MODEL_STORE": STORE},
        folders={store: STORE},
    )


def training() -> Subject:
    """Training, with the event of its first step."""
    return Subject(
        name="training",
        image=IMAGES["training"],
        event={"step": "validate", "run_id": "start", "state": {"mode": "smoke-test", "parameters": {}}},
        environment={**ENVIRONMENT, "POWERTOOLS_SERVICE_NAME": "training", "MODEL_STORE": "/tmp/models"},  # noqa: S108 the container's own
    )


def empty_handler(image: str) -> Subject:
    """The reference: what a start of the base image costs without any code of ours."""
    return Subject(name="an empty handler", image=image, event={}, folders={EMPTY: "/var/task"}, command="handler.lambda_handler")


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in milliseconds.

    Lambda's emulator in the image initialises the function at its first invocation: `first` is the time of that one, `next` of the
    same one repeated. `megabytes` (10**6 bytes) are in use after both.
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
    """The Docker engine. Raises DataError when it doesn't answer."""
    try:
        require_engine()
    except Refusal as error:
        raise DataError(str(error)) from error
    client = docker.from_env()
    try:
        yield client
    finally:
        client.close()


def start(client: docker.DockerClient, subject: Subject) -> Start:
    """Starts a container, invokes it twice and removes it. Raises DataError when the image is missing or an invocation fails."""
    container = _run(client, subject)
    try:
        container.reload()
        (binding,) = container.ports[PORT]
        with httpx.Client(base_url=f"http://127.0.0.1:{binding['HostPort']}", timeout=SECONDS, trust_env=False) as http:
            _wait(http, subject)
            first, following = (_invoke(http, subject) for _ in range(2))
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
            user=USER,
            read_only=True,
            tmpfs={"/tmp": "size=512m,mode=1777,exec"},  # noqa: S108 the container's own
            environment={"AWS_DEFAULT_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEGABYTES), **subject.environment},
            volumes={str(folder): {"bind": target, "mode": "ro"} for folder, target in subject.folders.items()},
            ports={PORT: ("127.0.0.1", 0)},
        )
    except DockerException as error:
        raise DataError(f"{subject.image} can't be started: build it with `sam build` ({type(error).__name__})") from error


def _wait(http: httpx.Client, subject: Subject) -> None:
    """Waits until the emulator listens. Only an invocation would start the function; a GET does not."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            http.get("/")
            return
        except httpx.TransportError:
            time.sleep(0.02)
    raise DataError(f"{subject.image} did not listen within {SECONDS:.0f} seconds")


def _invoke(http: httpx.Client, subject: Subject) -> float:
    """Milliseconds of one invocation."""
    started = time.perf_counter()
    response = http.post(INVOCATIONS, json=subject.event)
    milliseconds = 1000 * (time.perf_counter() - started)
    if error := _error(response.content):
        raise DataError(f"{subject.image} failed: {error}")
    return milliseconds


def _error(content: bytes) -> str:
    """The error that an invocation ended with, or ""."""
    try:
        body: Any = json.loads(content)
    except ValueError:
        return "its response is not JSON"
    return f"{body.get('errorType')}: {body['errorMessage']}" if isinstance(body, dict) and "errorMessage" in body else ""
