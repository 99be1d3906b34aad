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
from typing import Protocol

from fieldwise_common.observability import log_bug, logger

API = "/2020-01-01/extension"
NAME = "after-answer"
CONNECT_SECONDS = 1.0
SPARE_SECONDS = (1.0, 0.1)
"""Before an invocation's deadline: deferred work is done then even without an answer, which a handler that was never called doesn't give.
Twice, because a late answer leaves more of it.
"""
PAUSES = (0.1, 0.3, 1.0)
"""Seconds before asking for the next invocation again, after an error."""
FAULTS = (OSError, HTTPException, ValueError, TypeError, KeyError)
"""What asking for the next invocation may raise: no connection, an error status, a response that is not as expected."""

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
                self._finish_after(*self._next())
        except FAULTS as error:
            self._is_held = False
            self.finish()
            logger.error("the extension has ended", extra={"error": type(error).__name__})

    def _finish_after(self, request_id: str, deadline: float) -> None:
        """Does the work after the invocation's answer, or shortly before `deadline` (seconds since the epoch)."""
        for spare in SPARE_SECONDS:
            with self._has_answered:
                left = max(deadline - time.time() - spare, 0.0)
                has_answered = self._has_answered.wait_for(partial(self._is_answered, request_id), left)
            self.finish()
            if has_answered:
                return

    def _is_answered(self, request_id: str) -> bool:
        return self._answered == request_id

    def _next(self) -> tuple[str, float]:
        """The next invocation's id and deadline. Raises one of `FAULTS` if asking fails again and again.

        A registered extension that no longer asks would keep each invocation open until its time limit.
        """
        for pause in PAUSES:
            try:
                return self._ask()
            except FAULTS:
                time.sleep(pause)
        return self._ask()

    def _ask(self) -> tuple[str, float]:
        response, document = _call(self._api, "GET", "event/next", {"Lambda-Extension-Identifier": self._identifier}, None)
        if response.status != 200:
            raise HTTPException(f"status {response.status}")
        invocation = json.loads(document)
        return invocation["requestId"], invocation["deadlineMs"] / 1000


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
