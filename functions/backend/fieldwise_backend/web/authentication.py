"""Authentication before every route. Every path needs a token unless it is listed as open, even one that does not exist."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from fieldwise_backend.web.problems import from_error
from fieldwise_common.auth import Caller, bearer_token
from fieldwise_common.errors import AuthError


class Authentication:
    """ASGI middleware: verifies the bearer token before the body is read, and stores the caller in the request's state."""

    def __init__(self, app: ASGIApp, verify: Callable[[str], Caller], open_paths: frozenset[str]) -> None:
        self._app = app
        self._verify = verify
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Responds with 401 when the token does not verify."""
        if scope["type"] != "http" or scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
            return
        try:
            # it may fetch the issuer's keys, and nothing else waits meanwhile: an instance serves one request at a time
            caller = self._verify(bearer_token(Headers(scope=scope).get("authorization")))
        except AuthError as error:
            await from_error(error)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)


def caller_of(request: Request) -> Caller:
    """The caller of a request that has passed `Authentication`."""
    caller: Caller = request.state.caller
    return caller
