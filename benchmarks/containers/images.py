"""The images themselves: their size, and how long they take to build from nothing but their base."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import BuildError, DockerException, ImageNotFound

from fieldwise_common.errors import DataError

BASE = "public.ecr.aws/lambda/python"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Image:
    """Sizes in MB of 10**6 bytes, uncompressed, as the engine keeps it; `built` in seconds, None where it was not built anew."""

    name: str
    base: str
    size: float
    base_size: float
    built: float | None


def look_at(client: docker.DockerClient, name: str, tag: str, build: Mapping[str, str] | None) -> Image:
    """The image `sam build` tagged; with `build` (build arguments) it is also built anew, without any cache, and thrown away.

    Raises DataError when it or its base is missing, or the build fails.
    """
    base = f"{BASE}:{_python(client, tag)}"
    return Image(name, base, _megabytes(client, tag), _megabytes(client, base), None if build is None else _build(client, name, build))


def _python(client: docker.DockerClient, tag: str) -> str:
    """The version it was built on, which its base image has in its name."""
    output = client.containers.run(tag, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], entrypoint="python3", remove=True)
    return str(output.decode()).strip()


def _megabytes(client: docker.DockerClient, tag: str) -> float:
    try:
        return float(client.images.get(tag).attrs["Size"]) / 1e6
    except ImageNotFound as error:
        raise DataError(f"there is no image {tag}: build it with `sam build`") from error


def _build(client: docker.DockerClient, name: str, arguments: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    try:
        image, _ = client.images.build(
            path=str(ROOT), dockerfile=f"functions/{name}/Dockerfile", buildargs=dict(arguments), nocache=True, rm=True, forcerm=True
        )
    except (BuildError, DockerException) as error:
        raise DataError(f"the image of {name} can't be built: {error}") from error
    took = time.perf_counter() - begun
    client.images.remove(image.id, force=True)
    return took
