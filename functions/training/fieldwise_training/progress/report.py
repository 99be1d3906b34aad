"""What a long step reports of itself, and how a report crosses from the training function to whoever watches: as a line of its log."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.observability import logger

KEY = "progress"
"""Under which a report stands in a log line."""

LOG_SECONDS = 1.0
"""Between two log lines of the same work; the last report is always logged."""

Item = TypeVar("Item", covariant=True)


class Report(BaseModel):
    """`done` of `total` pieces of `work` ("texts embedded"); `detail` is a figure beside them ("loss 0.41")."""

    model_config = ConfigDict(frozen=True)

    work: str
    done: int
    total: int
    detail: str = ""


Watch = Callable[[Report], None]
"""Is called with every report, from whichever thread did the work."""


def unwatched(_: Report) -> None:
    """Nobody looks on."""


class Counter:
    """Counts pieces of work as they are done. Safe to use from several threads."""

    def __init__(self, watch: Watch, work: str, total: int, detail: str = "") -> None:
        self._watch, self._work, self._total = watch, work, total
        self._done = 0
        self._lock = threading.Lock()
        self.add(0, detail)

    def add(self, pieces: int = 1, detail: str = "") -> None:
        """So many more are done."""
        with self._lock:
            self._done += pieces
            self._watch(Report(work=self._work, done=self._done, total=self._total, detail=detail))


class _Countable(Sized, Iterable[Item], Protocol[Item]):
    """Something with a length to go through."""


def counted(watch: Watch, work: str, items: "_Countable[Item]") -> Iterator[Item]:
    """The items, one by one; each counts as done when the next is asked for."""
    counter = Counter(watch, work, len(items))
    for item in items:
        yield item
        counter.add()


class LoggedProgress:
    """Writes reports into the function's log, a line now and then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged_at: dict[str, float] = {}

    def __call__(self, report: Report) -> None:
        """A `Watch`."""
        now = self._clock()
        is_due = now - self._logged_at.get(report.work, -LOG_SECONDS) >= LOG_SECONDS
        if is_due or report.done >= report.total:
            self._logged_at[report.work] = now
            logger.info(f"{report.work}: {report.done} of {report.total}", extra={KEY: report.model_dump()})


def read_report(line: str) -> Report | None:
    """The report in a line of a function's log; None in any other line."""
    if f'"{KEY}"' not in line:
        return None
    try:
        return Report.model_validate(json.loads(line[line.index("{") :])[KEY])
    except (ValueError, KeyError, TypeError, ValidationError):
        return None
