"""What the handler calls, as one server in a process of its own: prepared answers, at once.

DynamoDB, Firehose, Secrets Manager, Lambda's Invoke (inference) and the issuer's keys. With a process of its own, and connections that stay
open as AWS keeps them, the processor time of the handler's process is all of a request but the waiting.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

ISSUER_KEYS, CLASSIFY, FILL = "keys", "/ml/classify", "/ml/fill"
SITE_ITEM, PROFILE_ITEM, SECRET, STORED = "site", "profile", "secret", "stored"
FIREHOSE_SECONDS = "firehose seconds"


class _Handler(BaseHTTPRequestHandler):
    """Every answer is a JSON document of `answers`; which one follows from the operation."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet
    disable_nagle_algorithm = True
    answers: dict[str, Any]

    def do_GET(self) -> None:
        self._reply(self.answers[ISSUER_KEYS])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation == "PutRecord":
            time.sleep(self.answers.get(FIREHOSE_SECONDS, 0))
        match operation:
            case "GetItem":
                self._reply(self.answers[SITE_ITEM if b"/site/" in body else PROFILE_ITEM])
            case "GetSecretValue":
                self._reply(self.answers[SECRET])
            case "":
                self._reply(self.answers[FILL if b'"/ml/fill"' in body else CLASSIFY])
            case _:
                self._reply(self.answers[STORED])

    def _reply(self, answer: Any) -> None:
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


def _serve(pipe: Connection) -> None:
    _Handler.answers = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        pipe.send(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        while (changed := pipe.recv()) is not None:
            _Handler.answers = {**_Handler.answers, **changed}
            pipe.send(None)
        server.shutdown()


class Services:
    """The running server."""

    def __init__(self, pipe: Connection, url: str) -> None:
        self._pipe = pipe
        self.url = url

    def answer(self, changed: Mapping[str, Any]) -> None:
        """Replaces answers, by name; returns when they are in force."""
        self._pipe.send(dict(changed))
        self._pipe.recv()


@contextmanager
def running_services() -> Iterator[Services]:
    """Starts the server, and stops it at the end."""
    context = get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Services(pipe, f"http://127.0.0.1:{pipe.recv()}")
    finally:
        pipe.send(None)
        process.join()
