"""Work after the answer: in Lambda's post-invoke phase, which an internal extension holds open.

Lambda passes an answer on at once, but freezes the process only when each of its extensions has asked for its next event
(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html). This module's thread is such an extension: it asks
when all deferred work is done. Without an Extensions API, work is done at once, before the answer. Why, and what was measured:
docs/decisions/0028-the-log-after-the-answer.md.
"""

import atexit
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Protocol

from fieldwise_common.observability import log_bug, logger

API = "/2020-01-01/extension"
NAME = "after-answer"
CONNECT_SECONDS = 1.0
SPARE_SECONDS = 1.0
"""Before an invocation's deadline: deferred work begins then even without an answer, which a handler that was never called doesn't give."""

Work = Callable[[], None]


class Deferral(Protocol):
    """When work is done that the answer does not need."""

    def defer(self, work: Work) -> None:
        """Does it, now or later; in the order in which it was deferred."""
        ...

    def answered(self, request_id: str) -> None:
        """Is called when the handler has its answer to an invocation."""
        ...


class AtOnce:
    """Does the work at once: nothing holds the process open after the answer."""

    def defer(self, work: Work) -> None:
        """Does it before it returns."""
        work()

    def answered(self, request_id: str) -> None:
        """Has nothing left to do."""


class PostInvoke:
    """Does the work after the answer, in a thread of its own. `api`: host and port of the Runtime API; `identifier`: of the extension."""

    def __init__(self, api: str, identifier: str) -> None:
        self._api, self._identifier = api, identifier
        self._deferred: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._answered = ""
        self._has_answered = threading.Condition()
        self._draining = threading.Lock()
        self._is_held = True
        threading.Thread(target=self._serve, name=NAME, daemon=True).start()

    def defer(self, work: Work) -> None:
        """Leaves it for the time after the answer; does it at once if the extension has ended."""
        self._deferred.put(work)
        if not self._is_held:
            self.finish()

    def answered(self, request_id: str) -> None:
        """Lets the deferred work begin."""
        with self._has_answered:
            self._answered = request_id
            self._has_answered.notify()

    def finish(self) -> None:
        """Does all deferred work, and returns when it is done, also that which another thread has begun."""
        with self._draining:
            while True:
                try:
                    work = self._deferred.get_nowait()
                except queue.Empty:
                    return
                try:
                    work()
                except Exception as error:  # noqa: BLE001 a bug must not stop the work after it
                    log_bug(error)

    def _serve(self) -> None:
        """Asks for the next invocation whenever the work of the last one is done. It ends with the Runtime API."""
        try:
            while True:
                invocation = self._next()
                left = invocation["deadlineMs"] / 1000 - time.time() - SPARE_SECONDS
                with self._has_answered:
                    self._has_answered.wait_for(partial(self._is_answered, invocation["requestId"]), max(left, 0.0))
                self.finish()
        except (OSError, HTTPException, ValueError, KeyError) as error:
            self._is_held = False
            self.finish()
            logger.error("the extension has ended", extra={"error": type(error).__name__})

    def _is_answered(self, request_id: str) -> bool:
        return self._answered == request_id

    def _next(self) -> dict[str, Any]:
        _, document = _call(self._api, "GET", "event/next", {"Lambda-Extension-Identifier": self._identifier}, None)
        invocation: dict[str, Any] = json.loads(document)
        return invocation


def _call(api: str, method: str, path: str, headers: dict[str, str], timeout: float | None, body: str = "") -> tuple[HTTPResponse, bytes]:
    """A call of the Extensions API. Raises OSError or HTTPException."""
    connection = HTTPConnection(api, timeout=timeout)
    try:
        connection.request(method, f"{API}/{path}", body or None, headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def join(api: str) -> Deferral:
    """Registers the extension with the Runtime API at `api` (host and port), while the handler is being imported.

    `AtOnce` if there is none ("") or it knows no extensions, as in some emulators.
    """
    try:
        headers = {"Lambda-Extension-Name": NAME, "Content-Type": "application/json"}
        response, _ = _call(api, "POST", "register", headers, CONNECT_SECONDS, json.dumps({"events": ["INVOKE"]})) if api else (None, b"")
    except (OSError, HTTPException):
        return AtOnce()
    identifier = response.headers.get("Lambda-Extension-Identifier", "") if response is not None and response.status == 200 else ""
    if not identifier:
        return AtOnce()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # in all threads started from here on
    held = PostInvoke(api, identifier)
    atexit.register(held.finish)
    threading.Thread(target=_finish_when_stopped, args=(held,), name="sigterm", daemon=True).start()
    return held


def _finish_when_stopped(held: PostInvoke) -> None:
    """On SIGTERM, which would end the process at once, does the deferred work first.

    In a thread that waits for the signal: the main thread may be in the runtime's C code, where Python runs no signal handler.
    """
    signal.sigwait({signal.SIGTERM})
    held.finish()
    sys.stdout.flush()
    os._exit(128 + signal.SIGTERM)
