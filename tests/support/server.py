"""An HTTP server on a real socket, with prepared responses."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    content_type: str = "application/json"
    after_seconds: float = 0.0

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """An HTTP server that returns prepared responses by path, and records the requests it receives."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def last(self, path: str) -> Received:
        return next(r for r in reversed(self.received) if r.path == path)


@contextmanager
def running_server(https: SSLContext | None = None) -> Iterator[Server]:
    server = Server("")

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            server.received.append(Received(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = server.answers.get(self.path, Answer(404, {"detail": "no such path"}))
            time.sleep(answer.after_seconds)
            content = answer.content()
            try:
                self.send_response(answer.status)
                self.send_header("content-type", answer.content_type)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 the base class's own names

        def log_message(self, *args: Any) -> None:
            """Logs nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    if https is not None:
        http.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is the client's to report
        http.socket = https.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.url = f"{'https' if https else 'http'}://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
