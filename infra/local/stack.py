"""The whole of the template, running on this machine, from start to stop."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from local import issuer as tokens
from local.aws import deploy
from local.aws.invoke import InvokeApi
from local.aws.kept import Keeper, KeptItems, KeptObjects, KeptSecrets
from local.aws.permissions import enforce
from local.aws.server import AwsServer
from local.aws.sessions import Connection, assume_roles, make_admin
from local.check import check
from local.front_door.api import api_of
from local.front_door.door import FrontDoor
from local.places import Places, Running, announce
from local.runtime.functions import run_functions, start_all
from local.runtime.registry import FunctionRegistry
from local.template.blueprint import Blueprint
from local.web_server import WebServer, WsgiApp, require_free

STACK = "fieldwise-local"
Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class StackConfig:
    """What to run, where to keep it, and where to listen.

    `parameters` are the template's, beside those the stack sets itself; `root` is the folder its paths start from, by
    default the template's own.
    """

    template: Path
    places: Places
    port: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    root: Path | None = None


class Stack:
    """A running stack: started by construction, ended by `stop`. `step` shows each part of the start while it lasts."""

    def __init__(self, config: StackConfig, step: Step = lambda _: nullcontext()) -> None:
        with ExitStack() as starting:  # a start that is broken off, by Ctrl-C too, ends what it began
            self._closing = starting
            self._start(config, step)
            self._closing = starting.pop_all()

    def _start(self, config: StackConfig, step: Step) -> None:
        places = config.places
        require_free(config.port)
        with step("Reading the template"):
            check(self._read(config, tokens.ISSUER))  # where the keys will be is not known yet; what is wrong is
        places.prepare()
        self._closing.enter_context(places.held())
        self._prepare(config, step)
        self.issuer = tokens.open_issuer(places)
        jwks = self._address_for_functions(self.issuer, self._serve(WebServer(self.issuer)).url)
        self.blueprint = self._read(config, jwks)
        with step("Starting the embedded AWS"):
            aws = AwsServer()
            self._closing.callback(aws.stop)
            self._deploy(aws, places)
        with step("Restoring what was kept"):
            self._restore(aws, places)
        self.api = api_of(self.blueprint)
        url = self._address_for_functions(aws, aws.url)
        connections = {role: Connection(url, self.blueprint.region, session) for role, session in self._sessions.items()}
        with step("Starting the functions"):
            self.functions = self._run_functions(connections, places)
        machines = self.blueprint.of_type("AWS::StepFunctions::StateMachine")
        role = next((machine["RoleArn"].rpartition("/")[2] for machine in machines.values()), "")
        aws.invoke_api = InvokeApi(self.functions, role)
        self.url = self._open_front_door(config.port)
        self._announce(config.places)

    def _read(self, config: StackConfig, issuer_url: str) -> Blueprint:
        own = {"AuthIssuer": tokens.ISSUER, "AuthAudience": tokens.AUDIENCE, "AuthJwksUrl": f"{issuer_url}/.well-known/jwks.json"}
        return Blueprint(config.template, {**own, **config.parameters}, STACK, config.root)

    def _prepare(self, config: StackConfig, step: Step) -> None:
        """What must be there before anything is started. The folder is ours alone by now."""

    def _address_for_functions(self, _app: WsgiApp, url: str) -> str:
        """Where functions reach an application that listens on `url`: processes of this machine do there."""
        return url

    def _serve(self, server: WebServer) -> WebServer:
        self._closing.callback(server.stop)
        return server

    def _deploy(self, aws: AwsServer, places: Places) -> None:
        """Everything is made before permissions are enforced; after that only the administrator may change it."""
        connection = Connection(aws.url, self.blueprint.region)
        secrets = KeptSecrets(places)
        secrets.write(deploy.make_secrets(self.blueprint, connection, secrets.read()))
        deploy.make_resources(self.blueprint, connection, STACK)
        self.admin = Connection(aws.url, self.blueprint.region, make_admin(connection))
        self._sessions = assume_roles(connection, {plan.role for plan in self.blueprint.functions()})
        enforce(aws.url)

    def _restore(self, aws: AwsServer, places: Places) -> None:
        buckets = (properties["BucketName"] for properties in self.blueprint.of_type("AWS::S3::Bucket").values())
        tables = (properties["TableName"] for properties in self.blueprint.of_type("AWS::DynamoDB::Table").values())
        objects, items = KeptObjects(places, buckets), KeptItems(places, tables, self.admin)
        objects.restore()
        items.restore()
        aws.on_write = Keeper(objects, items)

    def _run_functions(self, connections: Mapping[str, Connection], places: Places) -> FunctionRegistry:
        """Every function of the template; `connections` are by role. Those that somebody waits for have loaded their code."""
        behind_the_door = {route.function_arn.split(":")[6] for route in self.api.routes}
        functions = run_functions(self.blueprint.functions(), connections, places, behind_the_door)
        registry = FunctionRegistry(functions)
        self._closing.callback(registry.stop)
        start_all(function for name, function in functions.items() if name in behind_the_door or function.plan.aliases)
        return registry

    def _open_front_door(self, port: int) -> str:
        """Serves the API; answers its URL."""
        door = FrontDoor(self.api, self.functions.call, self.issuer.jwks)
        self._closing.callback(door.stop)
        return self._serve(WebServer(door, port)).url

    def _announce(self, places: Places) -> None:
        machines = self.blueprint.of_type("AWS::StepFunctions::StateMachine")
        self.running = Running(
            pid=os.getpid(),
            api_url=self.url,
            aws_url=self.admin.url,
            region=self.admin.region,
            access_key_id=self.admin.credentials.access_key_id,
            secret_access_key=self.admin.credentials.secret_access_key,
            state_machine_arn=next((self.blueprint.arn(logical_id) for logical_id in machines), ""),
            issuer=tokens.ISSUER,
            audience=tokens.AUDIENCE,
        )
        announce(places, self.running)
        self._closing.callback(places.running.unlink, missing_ok=True)

    def stop(self) -> None:
        """Ends everything that was started, last first; a second call does nothing."""
        self._closing.close()
