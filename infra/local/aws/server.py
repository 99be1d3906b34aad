"""The embedded AWS on a port: moto's server, with Lambda's Invoke answered by our own functions and every write saved."""

import io
import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import requests
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request

from local.aws.invoke import ROUTE, InvokeApi
from local.aws.moto_internals import check_by_resource, stop_enforcing
from local.web_server import WebServer

SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>[^/]+)/aws4_request")
WRITING_METHODS = {"PUT", "POST", "DELETE"}
READING_OPERATION = re.compile(r".*\.(Get|List|Describe|Scan|Query|BatchGet)")
"""JSON protocols use POST for everything: only the operation's name tells a read from a write."""


class AwsServer:
    """The embedded AWS.

    `on_write` is called with service and body of each request that may have changed something, before it is answered; of an
    object's upload, which can be large, without the body.
    """

    def __init__(self) -> None:
        check_by_resource()
        logging.getLogger("moto").setLevel(logging.CRITICAL)  # moto logs a failed execution as its own error; here it is a normal answer
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.invoke_api: InvokeApi | None = None
        self.on_write: Callable[[str, bytes], None] | None = None
        self._server = WebServer(self)
        self.url = self._server.url
        os.environ["MOTO_PORT"] = str(self._server.port)  # where the state machine interpreter looks for Lambda
        self._post("/moto-api/reset")
        self._post("/moto-api/config", {"stepfunctions": {"execute_state_machine": True}})

    def _post(self, path: str, body: dict[str, Any] | None = None) -> None:
        requests.post(self.url + path, json=body, timeout=10).raise_for_status()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers one request."""
        if self.invoke_api is not None and ROUTE.fullmatch(environ.get("PATH_INFO", "")):
            return self.invoke_api.answer(Request(environ))(environ, start_response)
        service = self._service_written_to(environ)
        body = b""
        if service and service != "s3":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        if service and self.on_write is not None:
            self.on_write(service, body)
        return answer

    def _service_written_to(self, environ: Mapping[str, Any]) -> str:
        """The service that the request may change; "" if it only reads."""
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        may_write = environ["REQUEST_METHOD"] in WRITING_METHODS and not READING_OPERATION.match(environ.get("HTTP_X_AMZ_TARGET", ""))
        return scope.group("service") if scope and may_write and self.on_write is not None else ""

    def stop(self) -> None:
        """Deletes all state in memory, and stops listening."""
        self.on_write = None
        self._post("/moto-api/reset")
        self._server.stop()
        stop_enforcing()
