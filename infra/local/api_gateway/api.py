"""The HTTP API of the translated template: its routes, authorizers and CORS settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.refusal import Refusal, reading
from local.template.blueprint import Blueprint

FUNCTION = re.compile(r"/functions/(?P<arn>arn:[^/]+)/invocations$")


@dataclass(frozen=True, slots=True)
class Authorizer:
    """What a token must carry."""

    issuer: str
    audiences: frozenset[str]


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path. Without an authorizer it is public. A token needs one of `scopes`; without scopes any valid token will do."""

    method: str
    path: str
    function_arn: str
    authorizer: Authorizer | None
    scopes: tuple[str, ...]

    @property
    def key(self) -> str:
        """API Gateway's name for it: `POST /api/autofill/classify`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Cors:
    """Which pages may call the API, and how."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int
    credentials: bool

    def allows(self, origin: str) -> bool:
        """Whether an origin is allowed: by its own name, by `*`, or by its scheme as in `https://*`."""
        scheme, separator, _ = origin.partition("://")
        return bool({origin, "*", f"{scheme}{separator}*"} & set(self.origins))


@dataclass(frozen=True, slots=True)
class HttpApi:
    """The API."""

    routes: tuple[Route, ...]
    cors: Cors | None

    def route(self, method: str, path: str) -> Route | None:
        """The route of a request. The template has no path parameters, so paths are compared literally."""
        return next((route for route in self.routes if route.method == method and route.path == path), None)


def api_of(blueprint: Blueprint) -> HttpApi:
    """The template's API. Raises Refusal when there is none, or one that this emulator can't serve."""
    for logical_id, properties in blueprint.of_type("AWS::ApiGatewayV2::Api").items():
        with reading("Resources", logical_id):
            return read_api(properties["Body"])
    raise Refusal("the template has no AWS::Serverless::HttpApi, so there is nothing to serve: add one")


def read_api(body: Mapping[str, Any]) -> HttpApi:
    """The API of an `AWS::ApiGatewayV2::Api`'s resolved Body, OpenAPI with Amazon's extensions.

    Raises Refusal for a route that this emulator can't serve.
    """
    schemes = body.get("components", {}).get("securitySchemes", {})
    authorizers = {name: _authorizer(scheme) for name, scheme in schemes.items()}
    routes = tuple(
        _route(method, path, operation, authorizers)
        for path, operations in body["paths"].items()
        for method, operation in operations.items()
    )
    cors = body.get("x-amazon-apigateway-cors")
    return HttpApi(routes, _cors(cors) if cors else None)


def _authorizer(scheme: Mapping[str, Any]) -> Authorizer:
    configuration = scheme["x-amazon-apigateway-authorizer"]["jwtConfiguration"]
    return Authorizer(configuration["issuer"], frozenset(_listed("audience", configuration["audience"])))


def _listed(name: str, value: object) -> tuple[str, ...]:
    """A list's members. No linter reads these settings; a string would become its letters without a word."""
    if not isinstance(value, list):
        raise Refusal(f"{name} must be a list, but is {value!r}")
    return tuple(map(str, value))


def _route(method: str, path: str, operation: Mapping[str, Any], authorizers: Mapping[str, Authorizer]) -> Route:
    integration = FUNCTION.search(operation["x-amazon-apigateway-integration"]["uri"])
    if integration is None or "{" in path or method == "x-amazon-apigateway-any-method":
        raise Refusal(
            f"the local API Gateway can't serve {method.upper()} {path}: it has no path parameters, no ANY, and functions as targets only"
        )
    needed = [(name, scopes) for entry in operation.get("security", ()) for name, scopes in entry.items() if name in authorizers]
    name, scopes = needed[0] if needed else ("", [])
    return Route(method.upper(), path, integration.group("arn"), authorizers.get(name), tuple(scopes))


def _cors(configuration: Mapping[str, Any]) -> Cors:
    return Cors(
        origins=_listed("allowOrigins", configuration["allowOrigins"]),
        methods=_listed("allowMethods", configuration.get("allowMethods", [])),
        headers=_listed("allowHeaders", configuration.get("allowHeaders", [])),
        exposed=_listed("exposeHeaders", configuration.get("exposeHeaders", [])),
        max_age=int(configuration.get("maxAge", 0)),
        credentials=bool(configuration.get("allowCredentials", False)),
    )
