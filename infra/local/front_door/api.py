"""The HTTP API as the translated template describes it: routes with their authorization, CORS, the authorizer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.refusal import Refusal, wrong
from local.template.blueprint import Blueprint

FUNCTION = re.compile(r"/functions/(?P<arn>arn:[^/]+)/invocations$")


@dataclass(frozen=True, slots=True)
class Authorizer:
    """What a token must carry."""

    issuer: str
    audiences: frozenset[str]


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path; `authorizer` is None where anybody may call. `scopes`: any of them will do; none = any token."""

    method: str
    path: str
    function_arn: str
    authorizer: Authorizer | None
    scopes: tuple[str, ...]

    @property
    def key(self) -> str:
        """As API Gateway names it: `POST /api/autofill/classify`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Cors:
    """Which pages may call, and how."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int
    credentials: bool

    def allows(self, origin: str) -> bool:
        """Whether an origin is among those allowed: by itself, by `*`, or by its scheme as `https://*`."""
        scheme, separator, _ = origin.partition("://")
        return bool({origin, "*", f"{scheme}{separator}*"} & set(self.origins))


@dataclass(frozen=True, slots=True)
class HttpApi:
    """All of it."""

    routes: tuple[Route, ...]
    cors: Cors | None

    def route(self, method: str, path: str) -> Route | None:
        """The route of a request; the template uses no path parameters, so a path is compared as it is."""
        return next((route for route in self.routes if route.method == method and route.path == path), None)


def api_of(blueprint: Blueprint) -> HttpApi:
    """The template's API. Raises Refusal when there is none, or one that the front door could not serve."""
    for logical_id, properties in blueprint.of_type("AWS::ApiGatewayV2::Api").items():
        try:
            return read_api(properties["Body"])
        except Refusal as refusal:
            raise wrong(("Resources", logical_id), str(refusal)) from refusal
    raise Refusal("the template has no AWS::Serverless::HttpApi: there would be nothing to serve")


def read_api(body: Mapping[str, Any]) -> HttpApi:
    """The API of a resolved `AWS::ApiGatewayV2::Api` body (OpenAPI with Amazon's extensions)."""
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
    return Authorizer(configuration["issuer"], frozenset(configuration["audience"]))


def _route(method: str, path: str, operation: Mapping[str, Any], authorizers: Mapping[str, Authorizer]) -> Route:
    integration = FUNCTION.search(operation["x-amazon-apigateway-integration"]["uri"])
    if integration is None or "{" in path or method == "x-amazon-apigateway-any-method":
        raise Refusal(f"the local front door knows no routes like {method} {path}")
    needed = [(name, scopes) for entry in operation.get("security", ()) for name, scopes in entry.items() if name in authorizers]
    name, scopes = needed[0] if needed else ("", [])
    return Route(method.upper(), path, integration.group("arn"), authorizers.get(name), tuple(scopes))


def _cors(configuration: Mapping[str, Any]) -> Cors:
    return Cors(
        origins=tuple(configuration["allowOrigins"]),
        methods=tuple(configuration.get("allowMethods", ())),
        headers=tuple(configuration.get("allowHeaders", ())),
        exposed=tuple(configuration.get("exposeHeaders", ())),
        max_age=int(configuration.get("maxAge", 0)),
        credentials=bool(configuration.get("allowCredentials", False)),
    )
