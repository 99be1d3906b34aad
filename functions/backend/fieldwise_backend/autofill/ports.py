"""The interfaces that adapters implement."""

from collections.abc import Iterable
from typing import Protocol

from fieldwise_backend.profile.schema import Profile
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import LogRow
from fieldwise_common.wire import (
    FillResponse,
    KnownIds,
    MlClassifyRequest,
    MlClassifyResponse,
    MlFillRequest,
)
from fieldwise_common.wire_explain import MlThresholdRequest, ThresholdResponse


class Inference(Protocol):
    """The inference function. Every call forwards the caller's own Authorization header.

    Each raises InferenceTimeout, InferenceUnavailable, and the errors inference itself reports: Unauthenticated,
    Forbidden, InvalidRequest, RequestTooLarge, NoVersionPublished, ModelError.
    """

    def classify(self, request: MlClassifyRequest, authorization: str) -> MlClassifyResponse:
        """The accepted matches, and one decision per field."""
        ...

    def fill(self, request: MlFillRequest, authorization: str) -> FillResponse:
        """A value for each match, or the reason why it has none."""
        ...

    def threshold(self, request: MlThresholdRequest, authorization: str) -> ThresholdResponse:
        """The decision about one field, explained."""
        ...

    def ids(self, authorization: str) -> KnownIds:
        """The canonical ids that the live version knows."""
        ...


class DecisionLog(Protocol):
    """The append-only log of decisions."""

    def append(self, rows: Iterable[LogRow]) -> None:
        """Makes and writes the rows of one request, perhaps after its answer. Never raises.

        Rows that can't be written are kept recoverable, and counted.
        """
        ...


class ProfileReader(Protocol):
    """The part of the profile logic that filling needs."""

    def read_or_empty(self, caller: Caller) -> Profile:
        """The caller's profile; an empty one when none is stored. Raises StoreError."""
        ...
