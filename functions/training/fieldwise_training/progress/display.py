"""Shows the steps of a run: a progress bar on a terminal, a line every few seconds in a file."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fieldwise_training.progress.report import ProgressReport

FILE_SECONDS = 10.0
"""Between two lines about the same step, in a file."""


class StepDisplay:
    """Shows one step at a time. Anything else printed to `console` appears above the bar."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        text, count = TextColumn("{task.description}", markup=False), TextColumn("{task.fields[count]}", markup=False)
        columns = (SpinnerColumn(), text, BarColumn(), count, TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._step = ""
        self._started = self._printed = 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the step began."""
        return self._clock() - self._started

    def begin(self, step: str) -> None:
        """Starts showing a step, after ending the one before."""
        self.end()
        self._step, self._started = step, self._clock()
        self._printed = self._started
        self._bar.add_task(step, total=None, count="")
        self._bar.start()

    def report(self, report: ProgressReport) -> None:
        """Shows the step's progress; an `OnProgress`."""
        text = f"{self._step}: {report.work}{f', {report.detail}' if report.detail else ''}"
        for task in self._bar.task_ids:
            self._bar.update(task, description=text, completed=report.done, total=report.total, count=f"{report.done}/{report.total}")
        if not self._console.is_terminal and self._clock() - self._printed >= FILE_SECONDS:
            self._printed = self._clock()
            line = f"    … {self._step} {self.seconds:.0f} s: {report.done} of {report.total} {report.work}"
            detail = f", {report.detail}" if report.detail else ""
            self._console.print(line + detail, markup=False, highlight=False, soft_wrap=True)

    def end(self) -> None:
        """Removes the bar."""
        self._bar.stop()
        for task in self._bar.task_ids:
            self._bar.remove_task(task)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Shows a step while the block runs."""
        self.begin(name)
        try:
            yield
        finally:
            self.end()
