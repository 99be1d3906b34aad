"""Counts feedback by verdict and by the model version that is live."""

from typing import Annotated, Literal

from fastapi import Depends, Request

from fieldwise_common.observability import count_by_version

UNKNOWN = "unknown"


class FeedbackCount:
    """Counts under the version that last classified for this process; before the first one, under `unknown`.

    The version is never taken from a request: each version makes a metric, so a caller could make any number of them.
    The log has the version of the decision itself.
    """

    def __init__(self) -> None:
        self._version = UNKNOWN

    def classified_by(self, model_version: str) -> None:
        """Remembers the version that inference classified with."""
        self._version = model_version

    def count(self, verdict: Literal["correct", "incorrect"]) -> None:
        """Counts one verdict. Both metrics are written, so that their ratio always exists."""
        count_by_version("FeedbackCorrect", int(verdict == "correct"), self._version)
        count_by_version("FeedbackIncorrect", int(verdict == "incorrect"), self._version)


async def _feedback_count(request: Request) -> FeedbackCount:
    count: FeedbackCount = request.app.state.feedback_count
    return count


Counted = Annotated[FeedbackCount, Depends(_feedback_count)]
