"""How often users said a match was right or wrong, by the version that was live."""

from typing import Literal

from fieldwise_common.observability import count_by_version

UNKNOWN = "unknown"


class FeedbackCount:
    """Counts under the version inference last answered this process with; before that, under `unknown`.

    The version is never taken from a request: each one makes a metric, and callers could make any number of them.
    The log holds the version of the very decision.
    """

    def __init__(self) -> None:
        self._version = UNKNOWN

    def classified_by(self, model_version: str) -> None:
        """Inference answered with this version."""
        self._version = model_version

    def count(self, verdict: Literal["correct", "incorrect"]) -> None:
        """One word of a user's. Both metrics are written, so that their ratio always exists."""
        count_by_version("FeedbackCorrect", int(verdict == "correct"), self._version)
        count_by_version("FeedbackIncorrect", int(verdict == "incorrect"), self._version)
