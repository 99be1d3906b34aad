"""A WSGI application on a local port, served by threads of this process."""

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.refusal import Refusal

HOST = "127.0.0.1"
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class QuietRequestHandler(WSGIRequestHandler):
    """Does not log requests: the functions' own logs have more about each."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Logs nothing."""


class WebServer:
    """Serves `app` from construction until `stop`. `port` 0 is any free one. Raises Refusal when the port is in use."""

    def __init__(self, app: WsgiApp, port: int = 0, host: str = HOST) -> None:
        bound = _bound(port, host)
        self._server: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=QuietRequestHandler, fd=bound)
        self.port = self._server.port
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops listening, without waiting for requests in progress."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def require_free(port: int) -> None:
    """Raises Refusal when `port` is in use; called before anything is started."""
    socket.close(_bound(port, HOST))


def free_port() -> int:
    """A port that is free now, for programs that can't pick one themselves."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _bound(port: int, host: str) -> int:
    """The descriptor of a socket bound to `port`. Left to bind itself, werkzeug exits the process when the port is in use."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            if not port:
                raise Refusal(f"can't listen on {host} ({error.strerror}): the Docker engine must run on this machine") from error
            raise Refusal(f"port {port} can't be used ({error.strerror}): stop what uses it, or choose another with PORT=…") from error
        listener.listen(128)
        return listener.detach()
