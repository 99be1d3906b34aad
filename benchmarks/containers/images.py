"""The images themselves: their size, and how long they take to build without a cache."""

import time
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import BuildError, DockerException, ImageNotFound

from fieldwise_common.errors import DataError

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Image:
    """`python` is the version it was built on; sizes in MB of 10**6 bytes, uncompressed, as the engine stores it."""

    name: str
    python: str
    size: float
    base_size: float


def base_of(python: str) -> str:
    """The base image of a Python version."""
    return f"public.ecr.aws/lambda/python:{python}"


def inspect(client: docker.DockerClient, name: str, tag: str) -> Image:
    """The image that `sam build` tagged. Raises DataError when it or its base is missing."""
    size = _megabytes(client, tag)
    output = client.containers.run(tag, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], entrypoint="python3", remove=True)
    python = output.decode().strip()
    return Image(name, python, size, _megabytes(client, base_of(python)))


def _megabytes(client: docker.DockerClient, tag: str) -> float:
    try:
        return float(client.images.get(tag).attrs["Size"]) / 1e6
    except ImageNotFound as error:
        raise DataError(f"there is no image {tag}: build it with `sam build`") from error


def rebuild(client: docker.DockerClient, image: Image, package_index: str) -> float:
    """The seconds that building it without a cache takes; what was built is removed. Raises DataError when the build fails."""
    arguments = {"PYTHON_VERSION": image.python, "PIP_INDEX_URL": package_index}
    dockerfile = f"functions/{image.name}/Dockerfile"
    started = time.perf_counter()
    try:
        built, _ = client.images.build(path=str(ROOT), dockerfile=dockerfile, buildargs=arguments, nocache=True, rm=True, forcerm=True)
    except (BuildError, DockerException) as error:
        raise DataError(f"the image of {image.name} can't be built: {error}") from error
    seconds = time.perf_counter() - started
    client.images.remove(built.id, force=True)
    return seconds
