"""The stack with its functions in containers: the embedded AWS, and SAM's emulators of Lambda and API Gateway."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx

from local.aws.sessions import Connection
from local.containers.build import build
from local.containers.docker import Network
from local.containers.emulator import Emulation, Emulator
from local.containers.functions import START_SECONDS, ContainerFunction
from local.containers.sam_template import write_sam_template
from local.refusal import Refusal
from local.runtime.registry import FunctionRegistry
from local.stack import Stack, StackConfig, Step
from local.state_folder import StateFolder
from local.web_server import WebServer, WsgiApp, free_port

PATIENT = {"Size": "patient"}
"""The template's longest timeouts: an emulator counts a container's start as part of its first call."""


class ContainerStack(Stack):
    """A running stack whose functions are containers. SAM's API emulator checks no tokens: the backend does."""

    def _start(self, config: StackConfig, step: Step) -> None:
        parameters = {**PATIENT, **config.parameters}
        super()._start(replace(config, parameters=parameters, root=config.root or config.template.parent), step)

    def _prepare(self, config: StackConfig, step: Step) -> None:
        self._root = config.root or config.template.parent
        with step("Building the images and the layer"):
            self._built = build(self._root, config.template, config.parameters, config.state.logs / "sam-build.log")
        self.network = Network(_name(config.state.root))
        self._closing.callback(self.network.remove)

    def _address_for_functions(self, app: WsgiApp, url: str) -> str:
        """Containers can't reach this machine's loopback address, so a second server listens on the network's gateway."""
        del url
        return self._serve(WebServer(app, host=self.network.gateway)).url

    def _run_functions(self, connections: Mapping[str, Connection], state: StateFolder) -> FunctionRegistry:
        template = state.root / "sam-template.json"
        write_sam_template(self._built, self.blueprint, connections, template)
        self._closing.callback(template.unlink, missing_ok=True)
        self._emulation = Emulation(self._root, template, self.network, state.logs)
        url = self._emulator("start-lambda", free_port()).url
        functions = FunctionRegistry({plan.name: ContainerFunction(plan, url) for plan in self.blueprint.functions()})
        self._closing.callback(functions.stop)
        return functions

    def _open_gateway(self, port: int) -> str:
        url = self._emulator("start-api", port or free_port()).url
        require_health(url)
        return url

    def _emulator(self, verb: str, port: int) -> Emulator:
        emulator = Emulator(verb, port, self._emulation)
        self._closing.callback(emulator.stop)
        return emulator


def require_health(url: str) -> None:
    """Raises Refusal unless the backend answers. This first request also starts its container, so that no user's request has to."""
    try:
        answer = httpx.get(f"{url}/health", timeout=START_SECONDS, trust_env=False)
        is_healthy = answer.is_success and "status" in answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refusal(
            f"the backend's container did not answer ({type(error).__name__}): see logs/sam-start-api.log in the state folder"
        ) from error
    if not is_healthy:
        raise Refusal(
            f"the backend's container is unhealthy ({' '.join(answer.text.split())[:300]}): see logs/sam-start-api.log in the state folder"
        )


def _name(folder: Path) -> str:
    """The name of the network of the stack that runs from this folder; there is one at a time."""
    return f"fieldwise-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
