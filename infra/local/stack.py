"""Everything the template describes, running on this machine, from start to stop."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from local import issuer as tokens
from local.api_gateway.api import api_of
from local.api_gateway.gateway import ApiGateway
from local.aws import deploy
from local.aws.event_log import EventLog
from local.aws.invoke import InvokeApi
from local.aws.permissions import enforce
from local.aws.persistence import PersistedItems, PersistedObjects, PersistedSecrets, WriteThrough
from local.aws.server import AwsServer
from local.aws.sessions import Connection, assume_roles, make_admin
from local.refusal import Refusal, reading
from local.runtime.functions import run_functions, start_all
from local.runtime.registry import FunctionRegistry
from local.runtime.task_root import lay_out, require_handler
from local.state_folder import Running, StateFolder, announce
from local.template.blueprint import Blueprint
from local.web_server import WebServer, WsgiApp, require_free

STACK = "fieldwise-local"

# The only two things the local stack knows about Fieldwise that the template's resource types don't say.
STORE_VARIABLE = "MODEL_STORE"
"""The environment variable of a function that holds the address of the model store."""
INFERENCE = "InferenceFunction"
"""The function that loads a model before it can answer; on AWS the template's schedule WarmUp calls it."""

Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class StackConfig:
    """What to run, where to keep its data, and which port to listen on.

    `parameters` are the template's, in addition to those the stack sets itself. `root` is the folder that the template's paths
    are relative to; by default the template's own.
    """

    template: Path
    state: StateFolder
    port: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    root: Path | None = None


class Stack:
    """A running stack: started by its constructor, stopped by `stop`. `step` shows each part of the startup while it runs."""

    def __init__(self, config: StackConfig, step: Step = lambda _: nullcontext()) -> None:
        with ExitStack() as starting:  # if startup fails or is interrupted, stop what was already started
            self._closing = starting
            self._start(config, step)
            self._closing = starting.pop_all()

    def _start(self, config: StackConfig, step: Step) -> None:
        state = config.state
        require_free(config.port)
        with step("Reading the template"):
            require_runnable(self._read(config, tokens.ISSUER))  # the keys' real address is not known yet, and not needed for this
        state.prepare()
        self._closing.enter_context(state.held())
        self._prepare(config, step)
        self.issuer = tokens.open_issuer(state)
        jwks = self._address_for_functions(self.issuer, self._serve(WebServer(self.issuer)).url)
        self.blueprint = self._read(config, jwks)
        with step("Starting the embedded AWS"):
            aws = AwsServer()
            self._closing.callback(aws.stop)
            self._deploy(aws, state)
        with step("Restoring saved data"):
            self._restore(aws, state)
        self.api = api_of(self.blueprint)
        url = self._address_for_functions(aws, aws.url)
        connections = {role: Connection(url, self.blueprint.region, session) for role, session in self._sessions.items()}
        with step("Starting the functions"):
            self.functions = self._run_functions(connections, state)
        machines = self.blueprint.of_type("AWS::StepFunctions::StateMachine")
        role = next((machine["RoleArn"].rpartition("/")[2] for machine in machines.values()), "")
        aws.invoke_api = InvokeApi(self.functions, role)
        self.url = self._open_gateway(config.port)
        self._announce(config.state)

    def _read(self, config: StackConfig, issuer_url: str) -> Blueprint:
        own = {"AuthIssuer": tokens.ISSUER, "AuthAudience": tokens.AUDIENCE, "AuthJwksUrl": f"{issuer_url}/.well-known/jwks.json"}
        return Blueprint(config.template, {**own, **config.parameters}, STACK, config.root)

    def _prepare(self, config: StackConfig, step: Step) -> None:
        """Hook: what must exist before anything is started. The state folder is locked by now."""

    def _address_for_functions(self, _app: WsgiApp, url: str) -> str:
        """Hook: the URL under which functions reach an application that listens on `url`. Processes use the same."""
        return url

    def _serve(self, server: WebServer) -> WebServer:
        self._closing.callback(server.stop)
        return server

    def _deploy(self, aws: AwsServer, state: StateFolder) -> None:
        """Creates all resources before permissions are enforced; afterwards only the administrator can change them."""
        connection = Connection(aws.url, self.blueprint.region)
        secrets = PersistedSecrets(state)
        secrets.write(deploy.make_secrets(self.blueprint, connection, secrets.read()))
        deploy.make_resources(self.blueprint, connection, STACK)
        self.admin = Connection(aws.url, self.blueprint.region, make_admin(connection))
        self._sessions = assume_roles(connection, {plan.role for plan in self.blueprint.functions()})
        enforce(aws.url)

    def _restore(self, aws: AwsServer, state: StateFolder) -> None:
        buckets = (properties["BucketName"] for properties in self.blueprint.of_type("AWS::S3::Bucket").values())
        tables = {table["TableName"]: table for table in self.blueprint.of_type("AWS::DynamoDB::Table").values()}
        objects, items = PersistedObjects(state, buckets), PersistedItems(state, tables, self.admin)
        objects.restore()
        items.restore()
        aws.on_write = WriteThrough(objects, items, EventLog(self.admin, state.events))

    def _run_functions(self, connections: Mapping[str, Connection], state: StateFolder) -> FunctionRegistry:
        """Every function of the template; `connections` are by role. Those behind the API or an alias load their code now."""
        api_functions = {route.function_arn.split(":")[6] for route in self.api.routes}
        functions = run_functions(self.blueprint.functions(), connections, state, api_functions)
        registry = FunctionRegistry(functions)
        self._closing.callback(registry.stop)
        start_all(function for name, function in functions.items() if name in api_functions or function.plan.aliases)
        return registry

    def _open_gateway(self, port: int) -> str:
        """Serves the API; returns its URL."""
        gateway = ApiGateway(self.api, self.functions.call, self.issuer.jwks)
        self._closing.callback(gateway.stop)
        return self._serve(WebServer(gateway, port)).url

    def _announce(self, state: StateFolder) -> None:
        machines = self.blueprint.of_type("AWS::StepFunctions::StateMachine")
        plans = list(self.blueprint.functions())
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
            model_store=next((plan.environment[STORE_VARIABLE] for plan in plans if STORE_VARIABLE in plan.environment), ""),
            event_bus=next((bus["Name"] for bus in self.blueprint.of_type("AWS::Events::EventBus").values()), ""),
            inference_function=next((plan.name for plan in plans if plan.logical_id == INFERENCE), ""),
        )
        announce(state, self.running)
        self._closing.callback(state.running.unlink, missing_ok=True)

    def stop(self) -> None:
        """Stops everything that was started, in reverse order; a second call does nothing."""
        self._closing.close()


def require_runnable(blueprint: Blueprint) -> None:
    """Checks what no linter knows, before anything is started. Raises Refusal naming the resource.

    The API has only routes this gateway serves, each state machine's definition is complete, and each function has a role of
    the template and a handler whose module exists.
    """
    api_of(blueprint)
    for logical_id in blueprint.of_type("AWS::StepFunctions::StateMachine"):
        blueprint.definition(logical_id)
    roles = [role["RoleName"] for role in blueprint.of_type("AWS::IAM::Role").values()]
    with TemporaryDirectory() as folder:
        for plan in blueprint.functions():
            with reading("Resources", plan.logical_id):
                if plan.role not in roles:
                    raise Refusal(f"its role {plan.role} is not in the template; the local stack has no others")
                require_handler(lay_out(plan.source, Path(folder) / plan.logical_id))
