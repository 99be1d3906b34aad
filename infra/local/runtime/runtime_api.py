"""Lambda's Runtime API for one process, which polls it for the next invocation and posts the result.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.aws.invoke import Answer
from local.web_server import HOST

PREFIX = "/2018-06-01/runtime"
NOT_SAMPLED = "Root=1-00000000-000000000000000000000000;Sampled=0"
"""Nothing is traced: no X-Ray daemon runs here."""


@dataclass(slots=True)
class Invocation:
    """One call of the handler, from request to answer."""

    payload: bytes
    arn: str
    timeout_seconds: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _done: threading.Event = field(default_factory=threading.Event)
    _answer: Answer | None = None

    def finish(self, answer: Answer) -> None:
        """Sets the answer, unless there is one already."""
        if self._answer is None:
            self._answer = answer
            self._done.set()

    def wait(self, seconds: float) -> Answer | None:
        """The answer; None when it does not come within `seconds`."""
        self._done.wait(seconds)
        return self._answer


def failure(kind: str, message: str) -> Answer:
    """An error in Lambda's format."""
    return Answer(json.dumps({"errorType": kind, "errorMessage": message}).encode(), is_error=True)


class RuntimeApi:
    """Serves one process. `ready` is set at its first request for work, when its code is imported."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.init_error: Answer | None = None
        self.current: Invocation | None = None
        self._queue: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        api = self

        class Handler(_Handler):
            runtime = api

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.address = f"{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def submit(self, invocation: Invocation) -> None:
        """Queues an invocation for the process."""
        self._queue.put(invocation)

    def next(self) -> Invocation | None:
        """Waits for the next invocation and returns it; None once the API is stopped."""
        self.ready.set()
        self.current = self._queue.get()
        return self.current

    def stop(self) -> None:
        """Releases a process that waits for work, and stops listening."""
        self._queue.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    """The four routes that a runtime uses."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: sent apart, the second waits 40 ms for the first's acknowledgement
    disable_nagle_algorithm = True
    runtime: RuntimeApi

    def do_GET(self) -> None:
        invocation = self.runtime.next() if self.path == f"{PREFIX}/invocation/next" else None
        if invocation is None:
            self._reply(410)
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.timeout_seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": NOT_SAMPLED,
            "Content-Type": "application/json",
        }
        self._reply(200, headers, invocation.payload)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        current = self.runtime.current
        if self.path == f"{PREFIX}/init/error":
            self.runtime.init_error = Answer(body, is_error=True)
        elif current is not None and self.path == f"{PREFIX}/invocation/{current.id}/response":
            current.finish(Answer(body))
        elif current is not None and self.path == f"{PREFIX}/invocation/{current.id}/error":
            current.finish(Answer(body, is_error=True))
        else:
            self._reply(404)
            return
        self._reply(202)

    def _reply(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except ConnectionError:  # the process was stopped while it waited
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""
