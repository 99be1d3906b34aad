"""The Docker engine, through its command line: whether it runs, a network for the stack, and the removal of what was started."""

import ipaddress
import json
import subprocess
from collections.abc import Iterable

from local.refusal import Refusal

ENGINE_SECONDS = 60
PULL_SECONDS = 900
LABEL = "fieldwise.function"
"""The label of our Dockerfiles' images, and so of every container that a build starts."""
PROCESSORS = {"x86_64": "amd64", "arm64": "arm64"}
"""The engine's names for Lambda's architectures."""


def _docker(*arguments: str, seconds: int = ENGINE_SECONDS) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603, S607 the owner's own docker
    except FileNotFoundError:
        raise Refusal("Docker is not installed: install Docker Engine, or use `make run`, which does not need it") from None
    except subprocess.TimeoutExpired:
        raise Refusal(f"Docker did not answer `docker {arguments[0]}` within {seconds} seconds: restart it") from None


def _last_line(done: "subprocess.CompletedProcess[str]") -> str:
    return (done.stderr.strip().splitlines() or ["no error message"])[-1]


def require_engine() -> None:
    """Raises Refusal unless an engine runs and this user may use it."""
    done = _docker("version", "--format", "{{.Server.Version}}")
    if done.returncode == 0:
        return
    if "permission denied" in done.stderr.lower():
        raise Refusal("this user may not use Docker: add it to the group `docker` (sudo usermod -aG docker $USER) and log in again")
    raise Refusal(f"the Docker engine does not answer: start it (sudo systemctl start docker) and try again ({_last_line(done)})")


def require_image(image: str, architecture: str) -> None:
    """Pulls an image for an architecture unless it is here: the same name may be here for another. Raises Refusal when that fails."""
    processor = PROCESSORS[architecture]
    if _docker("image", "inspect", "--format", "{{.Architecture}}", image).stdout.strip() == processor:
        return
    pull = ("pull", "--platform", f"linux/{processor}")
    pulled = _docker(*pull, "--quiet", image, seconds=PULL_SECONDS)
    if pulled.returncode != 0:
        retry = f"try `docker {' '.join(pull)} {image}` ({_last_line(pulled)})"
        raise Refusal(f"the base image {image} for {architecture} is missing and can't be pulled: {retry}")


def unfinished_builds() -> set[str]:
    """The stopped containers of our images: what an interrupted build leaves behind."""
    states = [part for state in ("created", "exited", "dead") for part in ("--filter", f"status={state}")]
    return set(_docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}", *states).stdout.split())


def remove_containers(containers: Iterable[str]) -> None:
    """Stops and removes containers, if any are given."""
    if found := sorted(containers):
        _docker("rm", "--force", *found)


class Network:
    """A bridge network for this stack alone: removing it removes all its containers, whichever program started them.

    `gateway` is the address under which the containers reach this machine.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.remove()  # a killed run may have left it behind
        made = _docker("network", "create", name)
        if made.returncode != 0:
            raise Refusal(f"Docker can't create a network ({_last_line(made)}): remove unused ones with `docker network prune`")
        found = json.loads(_docker("network", "inspect", name).stdout)[0]["IPAM"]["Config"]
        gateways = (config["Gateway"] for config in found if "Gateway" in config)
        self.gateway = next(address for address in gateways if ipaddress.ip_address(address).version == 4)

    def remove(self) -> None:
        """Removes the network and every container on it."""
        remove_containers(_docker("ps", "--all", "--quiet", "--filter", f"network={self.name}").stdout.split())
        _docker("network", "rm", self.name)
