"""The stack with its functions in containers: the embedded AWS, and SAM's two emulators before it."""

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
from local.places import Places
from local.refusal import Refusal
from local.runtime.registry import FunctionRegistry
from local.stack import Stack, StackConfig, Step
from local.web_server import WebServer, WsgiApp, free_port

PATIENT = {"BackendTimeout": "29", "InferenceTimeout": "28", "InferenceAnswerSeconds": "9"}
"""The longest the template allows: an emulator counts a container's start as part of its first call."""


class ContainerStack(Stack):
    """A running stack whose functions are containers. The API is the emulator's, which lets every request through to the backend."""

    def _start(self, config: StackConfig, step: Step) -> None:
        parameters = {**PATIENT, **config.parameters}
        super()._start(replace(config, parameters=parameters, root=config.root or config.template.parent), step)

    def _prepare(self, config: StackConfig, step: Step) -> None:
        self._root = config.root or config.template.parent
        with step("Building the images and the layer"):
            self._built = build(self._root, config.template, config.parameters, config.places.logs / "sam-build.log")
        self.network = Network(_name(config.places.root))
        self._closing.callback(self.network.remove)

    def _address_for_functions(self, app: WsgiApp, url: str) -> str:
        """Containers don't reach this machine's loopback: a second server listens where they do."""
        del url
        return self._serve(WebServer(app, host=self.network.gateway)).url

    def _run_functions(self, connections: Mapping[str, Connection], places: Places) -> FunctionRegistry:
        template = places.root / "sam-template.json"
        write_sam_template(self._built, self.blueprint, connections, template)
        self._closing.callback(template.unlink, missing_ok=True)
        self._emulation = Emulation(self._root, template, self.network, places.logs)
        url = self._emulator("start-lambda", free_port()).url
        functions = FunctionRegistry({plan.name: ContainerFunction(plan, url) for plan in self.blueprint.functions()})
        self._closing.callback(functions.stop)
        return functions

    def _open_front_door(self, port: int) -> str:
        url = self._emulator("start-api", port or free_port()).url
        require_health(url)
        return url

    def _emulator(self, verb: str, port: int) -> Emulator:
        emulator = Emulator(verb, port, self._emulation)
        self._closing.callback(emulator.stop)
        return emulator


def require_health(url: str) -> None:
    """Raises Refusal unless the backend answers. Its container starts with this first request: better now than under somebody's."""
    try:
        answer = httpx.get(f"{url}/health", timeout=START_SECONDS, trust_env=False)
        is_well = answer.is_success and "status" in answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refusal(f"the backend's container did not answer ({type(error).__name__}): see sam-start-api.log") from error
    if not is_well:
        raise Refusal(f"the backend's container is not well ({' '.join(answer.text.split())[:300]}): see sam-start-api.log")


def _name(folder: Path) -> str:
    """The network of the stack in this folder, of which there is one at a time."""
    return f"fieldwise-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
