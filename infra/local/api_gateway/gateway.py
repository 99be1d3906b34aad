"""The gateway itself: what it answers on its own, and what it passes on to a function."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
from werkzeug.wrappers import Request, Response

from fieldwise_common.auth import JwksCache, TokenVerifier, bearer_token
from fieldwise_common.errors import Unauthenticated
from local.api_gateway.api import Authorizer, Cors, HttpApi, Route
from local.api_gateway.events import as_event, as_response
from local.aws.invoke import Answer

MAX_BODY = 10 * 1024 * 1024
MAX_SECONDS = 30.0

Call = Callable[[str, object], Answer]


class ApiGateway:
    """A WSGI application that serves an HTTP API. `jwks` returns the issuer's keys; `call` invokes a function by its ARN."""

    def __init__(self, api: HttpApi, call: Call, jwks: Callable[[], Mapping[str, Any]]) -> None:
        self._api = api
        self._call = call
        self._jwks = JwksCache(jwks)
        self._callers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="api-gateway")
        self._verifiers: dict[Authorizer, TokenVerifier] = {}
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        cors = self._api.cors
        is_preflight = cors is not None and request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = Response(status=204) if is_preflight else self._answer(request)
        if cors is not None:
            _add_cors(response, cors, request.headers.get("Origin", ""), is_preflight)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if (request.content_length or 0) > MAX_BODY:
            return _message(413, "Request Entity Too Large")
        route = self._api.route(request.method, request.path)
        if route is None:
            return _message(404, "Not Found")
        if route.authorizer is None:
            return self._forward(request, route, None)
        try:
            token = bearer_token(request.headers.get("Authorization"))
            caller = self._verifier(route.authorizer).verify(token)
        except Unauthenticated as error:
            has_token = "Authorization" in request.headers
            challenge = f'Bearer scope="" error="invalid_token" error_description="{error}"' if has_token else "Bearer"
            return _message(401, "Unauthorized", {"www-authenticate": challenge})
        if route.scopes and not caller.scopes & set(route.scopes):
            challenge = f'Bearer scope="{" ".join(route.scopes)}" error="insufficient_scope"'
            return _message(403, "Forbidden", {"www-authenticate": challenge})
        claims = jwt.decode(token, options={"verify_signature": False})  # verified above
        return self._forward(request, route, claims)

    def _verifier(self, authorizer: Authorizer) -> TokenVerifier:
        with self._lock:
            if authorizer not in self._verifiers:
                self._verifiers[authorizer] = TokenVerifier(authorizer.issuer, authorizer.audiences, self._jwks)
            return self._verifiers[authorizer]

    def _forward(self, request: Request, route: Route, claims: Mapping[str, Any] | None) -> Response:
        calling = self._callers.submit(self._call, route.function_arn, as_event(request, route, claims))
        try:
            answer = calling.result(MAX_SECONDS)
            return _message(500, "Internal Server Error") if answer.is_error else as_response(answer.payload)
        except TimeoutError:
            return _message(503, "Service Unavailable")
        except ValueError:
            return _message(500, "Internal Server Error")

    def stop(self) -> None:
        """Accepts no more requests."""
        self._callers.shutdown(wait=False, cancel_futures=True)


def _message(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """A response of the gateway's own."""
    return Response(json.dumps({"message": message}, separators=(",", ":")), status, headers or {}, content_type="application/json")


def _add_cors(response: Response, cors: Cors, origin: str, is_preflight: bool) -> None:
    """The gateway's CORS headers replace the function's own."""
    for name in [name for name, _ in response.headers if name.lower().startswith("access-control-")]:
        del response.headers[name]
    if not origin or not cors.allows(origin):
        return
    response.headers["Access-Control-Allow-Origin"] = "*" if "*" in cors.origins else origin
    if "*" not in cors.origins:
        response.headers["Vary"] = "Origin"
    if cors.credentials:
        response.headers["Access-Control-Allow-Credentials"] = "true"
    if is_preflight:
        response.headers["Access-Control-Allow-Methods"] = ",".join(cors.methods)
        response.headers["Access-Control-Allow-Headers"] = ",".join(cors.headers)
        response.headers["Access-Control-Max-Age"] = str(cors.max_age)
    elif cors.exposed:
        response.headers["Access-Control-Expose-Headers"] = ",".join(cors.exposed)
