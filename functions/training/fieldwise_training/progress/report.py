"""Progress of a long step: by callback within a process, and as log lines from the training function to a command line."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.observability import logger

KEY = "progress"
"""The key of a report in a log line."""

LOG_SECONDS = 1.0
"""Least time between two log lines about the same work; the last report is always logged."""

Item = TypeVar("Item", covariant=True)


class ProgressReport(BaseModel):
    """`done` of `total` pieces of `work` ("texts embedded"); `detail` adds a figure ("loss 0.41")."""

    model_config = ConfigDict(frozen=True)

    work: str
    done: int
    total: int
    detail: str = ""


OnProgress = Callable[[ProgressReport], None]
"""A callback, called from the thread that did the work, one call at a time."""


def ignore_progress(_: ProgressReport) -> None:
    """An `OnProgress` that does nothing."""


class ProgressCounter:
    """Counts pieces of work. Thread-safe."""

    def __init__(self, on_progress: OnProgress, work: str, total: int, detail: str = "") -> None:
        self._on_progress, self._work, self._total = on_progress, work, total
        self._done = 0
        self._lock = threading.Lock()
        self.add(0, detail)

    def add(self, pieces: int = 1, detail: str = "") -> None:
        """Counts `pieces` more as done, and reports it."""
        with self._lock:
            self._done += pieces
            self._on_progress(ProgressReport(work=self._work, done=self._done, total=self._total, detail=detail))


class _Countable(Sized, Iterable[Item], Protocol[Item]):
    """An iterable with a length."""


def tracked(on_progress: OnProgress, work: str, items: "_Countable[Item]") -> Iterator[Item]:
    """Yields the items; each counts as done when the next one is requested."""
    counter = ProgressCounter(on_progress, work, len(items))
    for item in items:
        yield item
        counter.add()


class LoggedProgress:
    """Writes progress to the function's log, at most one line per `LOG_SECONDS` and work."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged_at: dict[str, float] = {}

    def __call__(self, report: ProgressReport) -> None:
        """An `OnProgress`."""
        now = self._clock()
        is_due = now - self._logged_at.get(report.work, -LOG_SECONDS) >= LOG_SECONDS
        if is_due or report.done >= report.total:
            self._logged_at[report.work] = now
            logger.info(f"{report.work}: {report.done} of {report.total}", extra={KEY: report.model_dump()})


def parse_report(line: str) -> ProgressReport | None:
    """The report in a line of a function's log; None if the line has none."""
    if f'"{KEY}"' not in line:
        return None
    try:
        return ProgressReport.model_validate(json.loads(line[line.index("{") :])[KEY])
    except (ValueError, KeyError, TypeError, ValidationError):
        return None
