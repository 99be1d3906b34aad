"""What the autofill logic needs of the outside."""

from collections.abc import Sequence
from typing import Protocol

from fieldwise_backend.profile.schema import Profile
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import LogRow
from fieldwise_common.wire import (
    ClassifyRequest,
    FillResponse,
    MlClassifyResponse,
    MlFillRequest,
    ThresholdRequest,
    ThresholdResponse,
)


class Inference(Protocol):
    """The inference function. Every call forwards the caller's own Authorization header.

    Each raises InferenceTimeout, InferenceUnavailable, and what inference itself refuses: Unauthenticated, Forbidden,
    InvalidRequest, RequestTooLarge, NoVersionPublished, ModelError.
    """

    def classify(self, request: ClassifyRequest, authorization: str) -> MlClassifyResponse:
        """What each field means, and one decision per field."""
        ...

    def fill(self, request: MlFillRequest, authorization: str) -> FillResponse:
        """A value, or a reason why not, for each match."""
        ...

    def threshold(self, request: ThresholdRequest, authorization: str) -> ThresholdResponse:
        """The threshold one field would get."""
        ...


class DecisionLog(Protocol):
    """The append-only log of decisions."""

    def append(self, rows: Sequence[LogRow]) -> None:
        """Writes the rows of one request. Never raises: what can't be written is kept recoverable and counted."""
        ...


class UserHasher(Protocol):
    """Pseudonyms for the log."""

    def hash(self, caller: Caller) -> str:
        """The same text for the same user, and no way back; "" when the key can't be had just now."""
        ...


class Profiles(Protocol):
    """The part of the profile logic that filling needs."""

    def read_or_empty(self, caller: Caller) -> Profile:
        """The caller's profile; an empty one when there is none yet. Raises StoreError."""
        ...
