"""The Docker engine, by its command line: whether it is there, a network of our own, and what is left of it at the end."""

import ipaddress
import json
import subprocess
from collections.abc import Iterable

from local.refusal import Refusal

ENGINE_SECONDS = 60
PULL_SECONDS = 900
LABEL = "fieldwise.function"
"""What our Dockerfiles put on their images, and with them on every container that a build makes."""
PROCESSORS = {"x86_64": "amd64", "arm64": "arm64"}
"""What the engine calls Lambda's architectures."""


def _docker(*arguments: str, seconds: int = ENGINE_SECONDS) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603, S607 the owner's own docker
    except FileNotFoundError:
        raise Refusal("Docker is not installed: install Docker Engine, or use `make run`, which needs none") from None
    except subprocess.TimeoutExpired:
        raise Refusal(f"Docker did not answer `docker {arguments[0]}` within {seconds} seconds: restart it") from None


def _last_line(done: "subprocess.CompletedProcess[str]") -> str:
    return (done.stderr.strip().splitlines() or ["no reason given"])[-1]


def require_engine() -> None:
    """Raises Refusal unless an engine answers, and answers us."""
    done = _docker("version", "--format", "{{.Server.Version}}")
    if done.returncode == 0:
        return
    if "permission denied" in done.stderr.lower():
        raise Refusal("Docker refuses this user: add it to the group `docker` (sudo usermod -aG docker $USER) and log in again")
    raise Refusal(f"the Docker engine does not answer: start it (sudo systemctl start docker) and try again ({_last_line(done)})")


def require_image(image: str, architecture: str) -> None:
    """Raises Refusal unless an image is here for an architecture, or can be had: a name may stand for another processor's."""
    processor = PROCESSORS[architecture]
    if _docker("image", "inspect", "--format", "{{.Architecture}}", image).stdout.strip() == processor:
        return
    pull = ("pull", "--platform", f"linux/{processor}")
    pulled = _docker(*pull, "--quiet", image, seconds=PULL_SECONDS)
    if pulled.returncode != 0:
        said = f"see what `docker {' '.join(pull)} {image}` says ({_last_line(pulled)})"
        raise Refusal(f"the base image {image} for {architecture} is not here and can't be pulled: {said}")


def unfinished_builds() -> set[str]:
    """The containers of our images that don't run: what a build that was broken off leaves behind."""
    states = [part for state in ("created", "exited", "dead") for part in ("--filter", f"status={state}")]
    return set(_docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}", *states).stdout.split())


def remove_containers(containers: Iterable[str]) -> None:
    """Removes containers at once; none is fine too."""
    if found := sorted(containers):
        _docker("rm", "--force", *found)


class Network:
    """A bridge of our own, with nothing on it but our containers: so we find them all, whoever started them.

    `gateway` is the address of this machine that the containers reach.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.remove()  # what a killed run left behind
        made = _docker("network", "create", name)
        if made.returncode != 0:
            raise Refusal(f"Docker made no network ({_last_line(made)}): remove unused ones with `docker network prune`")
        found = json.loads(_docker("network", "inspect", name).stdout)[0]["IPAM"]["Config"]
        gateways = (config["Gateway"] for config in found if "Gateway" in config)
        self.gateway = next(address for address in gateways if ipaddress.ip_address(address).version == 4)

    def remove(self) -> None:
        """Removes the network, and every container on it, at once."""
        remove_containers(_docker("ps", "--all", "--quiet", "--filter", f"network={self.name}").stdout.split())
        _docker("network", "rm", self.name)
