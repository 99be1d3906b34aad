"""Bodies are JSON, whatever their Content-Type is."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

JSON = "application/json"


class JsonBody:
    """ASGI middleware: a body is read as JSON also without a Content-Type, or with another (`curl -d`, `fetch` with a text, a beacon).

    The usual reason to insist on it is cross-site form posts; here no cookie authorises anything, so they are no risk.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replaces the header of the request."""
        if scope["type"] == "http":
            headers = MutableHeaders(raw=list(scope["headers"]))
            headers["content-type"] = JSON
            scope = {**scope, "headers": headers.raw}
        await self._app(scope, receive, send)
