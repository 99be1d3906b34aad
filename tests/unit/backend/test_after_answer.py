"""Deferred work, with the Extensions API as Lambda serves it."""

import json
import queue
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.support.server import Server
from tests.unit.backend.conftest import Lines

from fieldwise_backend.adapters import after_answer
from fieldwise_backend.adapters.after_answer import NAME, AtOnce, PostInvoke, join


class ExtensionsApi:
    """`invoke` sends the extension its next event, `fail` an error; `waiting` counts how often it has asked for one."""

    def __init__(self) -> None:
        self.waiting = threading.Semaphore(0)
        self._events: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                is_right = self.path == "/2020-01-01/extension/register" and asked == {"events": ["INVOKE"]}
                self._reply(200 if is_right else 403, b"{}", "an-id")

            def do_GET(self) -> None:
                assert self.path == "/2020-01-01/extension/event/next"
                assert self.headers["Lambda-Extension-Identifier"] == "an-id"
                api.waiting.release()
                self._reply(*api._events.get())

            def _reply(self, status: int, body: bytes, identifier: str = "") -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Lambda-Extension-Identifier", identifier)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Logs nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def invoke(self, request_id: str, seconds: float = 20) -> None:
        """`seconds`: to the invocation's deadline."""
        event = {"eventType": "INVOKE", "requestId": request_id, "deadlineMs": (time.time() + seconds) * 1000}
        self._answer(200, json.dumps(event).encode())

    def fail(self, status: int, body: bytes = b"") -> None:
        self._answer(status, body)

    def _answer(self, status: int, body: bytes) -> None:
        assert self.waiting.acquire(timeout=10), "the extension has not asked for its next event"
        self._events.put((status, body))

    def stop(self) -> None:
        """Also ends the extension, which gets no more events, and waits for it."""
        self._events.put((500, b""))
        self._server.shutdown()
        self._server.server_close()
        for thread in threading.enumerate():
            if thread.name == NAME:
                thread.join(10)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExtensionsApi]:
    monkeypatch.setattr(after_answer, "PAUSES", (0.01, 0.01, 0.01))
    running = ExtensionsApi()
    yield running
    running.stop()


def test_work_begins_after_the_answer_and_the_process_is_held_until_it_is_done(api: ExtensionsApi) -> None:
    deferral, begun, done, may_end = PostInvoke(api.address, "an-id"), [], [], threading.Event()

    def work(name: str) -> None:
        begun.append(name)
        assert may_end.wait(10)
        done.append(name)

    api.invoke("r1")
    deferral.defer(lambda: work("first"))
    deferral.defer(lambda: work("second"))
    time.sleep(0.05)
    assert begun == []
    deferral.answered("r1")
    assert not api.waiting.acquire(timeout=0.1)
    may_end.set()

    assert api.waiting.acquire(timeout=10)
    assert done == ["first", "second"]


def test_the_answer_may_come_before_the_extension_has_its_event(api: ExtensionsApi) -> None:
    deferral, done = PostInvoke(api.address, "an-id"), []

    for request_id in ("r1", "r2"):
        deferral.defer(lambda name=request_id: done.append(name))
        deferral.answered(request_id)
        api.invoke(request_id)
        assert api.waiting.acquire(timeout=10)
        api.waiting.release()

    assert done == ["r1", "r2"]


def test_an_error_in_deferred_work_is_logged_by_its_type_and_stops_nothing(api: ExtensionsApi, logged: Lines) -> None:
    deferral, done = PostInvoke(api.address, "an-id"), []

    def broken() -> None:
        raise KeyError("tell-nobody")

    deferral.defer(broken)
    deferral.defer(lambda: done.append("next"))
    deferral.answered("r1")
    api.invoke("r1")

    assert api.waiting.acquire(timeout=10)
    assert done == ["next"]
    [line] = logged.named("unhandled error")
    assert (line.error, line.place) == ("KeyError", f"{__file__}:{broken.__code__.co_firstlineno + 1}")
    assert "tell-nobody" not in logged.everything()


def test_an_answer_shortly_before_the_deadline_leaves_nothing_for_the_next_invocation(
    api: ExtensionsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(after_answer, "SPARE_SECONDS", (19.9, 0.1))
    deferral, done, is_late = PostInvoke(api.address, "an-id"), [], threading.Event()

    deferral.defer(is_late.set)
    api.invoke("r1")
    assert is_late.wait(10)
    deferral.defer(lambda: done.append("late"))
    deferral.answered("r1")

    assert api.waiting.acquire(timeout=10)
    assert done == ["late"]


def test_without_an_answer_work_is_done_twice_before_the_deadline(api: ExtensionsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    deferral, done, rounds = PostInvoke(api.address, "an-id"), [], []
    finish = deferral.finish

    def finish_and_go_on() -> None:
        finish()
        rounds.append("round")
        if len(rounds) == 1:
            deferral.defer(lambda: done.append("late"))

    monkeypatch.setattr(deferral, "finish", finish_and_go_on)
    api.invoke("r1", seconds=0)

    assert api.waiting.acquire(timeout=10)
    assert done == ["late"]


@pytest.mark.parametrize(("status", "body"), [(500, b'{"errorType": "Failed"}'), (200, b""), (200, b"[]")], ids=["error", "empty", "list"])
def test_after_an_error_the_extension_asks_again(api: ExtensionsApi, logged: Lines, status: int, body: bytes) -> None:
    deferral, done = PostInvoke(api.address, "an-id"), []

    for request_id in ("r1", "r2"):
        for _ in range(3):
            api.fail(status, body)
        deferral.defer(lambda name=request_id: done.append(name))
        deferral.answered(request_id)
        api.invoke(request_id)
    assert api.waiting.acquire(timeout=10)

    assert done == ["r1", "r2"]
    assert logged.named("the extension has ended") == []


def test_when_the_extension_has_ended_work_is_done_at_once(api: ExtensionsApi, logged: Lines) -> None:
    deferral, done = PostInvoke(api.address, "an-id"), []

    deferral.defer(lambda: done.append("left over"))
    for _ in range(4):
        api.fail(500)
    for _ in range(500):
        if logged.named("the extension has ended"):
            break
        time.sleep(0.01)
    deferral.defer(lambda: done.append("at once"))

    assert done == ["left over", "at once"]


@pytest.mark.parametrize("api", ["", "127.0.0.1:9"], ids=["outside of Lambda", "unreachable"])
def test_without_a_runtime_api_work_is_done_at_once(api: str) -> None:
    done: list[str] = []

    deferral = join(api)
    deferral.defer(lambda: done.append("now"))

    assert isinstance(deferral, AtOnce)
    assert done == ["now"]


def test_with_a_runtime_api_that_knows_no_extensions_work_is_done_at_once(server: Server) -> None:
    assert isinstance(join(server.url.removeprefix("http://")), AtOnce)


STOPPED = """
    import os, signal, sys, time
    from fieldwise_backend.adapters.after_answer import join

    deferral = join(sys.argv[1])
    deferral.defer(lambda: (time.sleep(0.1), print("written")))
    {end}
"""


@pytest.mark.parametrize(
    ("end", "code"), [("os.kill(os.getpid(), signal.SIGTERM); time.sleep(10)", 128 + 15), ("sys.exit(3)", 3)], ids=["signal", "exit"]
)
def test_a_process_that_is_asked_to_stop_does_its_deferred_work_first(api: ExtensionsApi, end: str, code: int) -> None:
    program = textwrap.dedent(STOPPED).format(end=end)

    ended = subprocess.run([sys.executable, "-c", program, api.address], capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout) == (code, "written\n")
