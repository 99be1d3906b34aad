"""Refuses a body that exceeds the limit, before it is parsed."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldwise_backend.web.problems import from_error
from fieldwise_common.errors import RequestTooLarge


class BodyLimit:
    """ASGI middleware: responds with 413 to a body of more than `limit` bytes, whatever Content-Length says."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the body up to the limit, then passes it on in one message."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        async for chunk in Request(scope, receive).stream():
            body += chunk
            if len(body) > self._limit:
                await from_error(RequestTooLarge(f"a request may have at most {self._limit:,} bytes"))(scope, receive, send)
                return
        message: Message = {"type": "http.request", "body": bytes(body), "more_body": False}

        async def replay() -> Message:
            return message

        await self._app(scope, replay, send)
