"""Classify, fill, feedback, and debugging. Rows are logged before the response: afterwards Lambda freezes the process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fieldwise_backend.autofill.decision_rows import Stamp, classify_rows, feedback_row, fill_rows
from fieldwise_backend.autofill.ports import DecisionLog, Inference, ProfileReader, UserHasher
from fieldwise_backend.flatten.mapping import flatten
from fieldwise_common.auth import Caller
from fieldwise_common.wire import (
    ClassifyRequest,
    ClassifyResponse,
    FeedbackRequest,
    FillRequest,
    FillResponse,
    MlFillRequest,
    ThresholdRequest,
    ThresholdResponse,
)


@dataclass(frozen=True, slots=True)
class Requester:
    """A verified caller, and the Authorization header to forward to inference; it is left out of `repr`, and so out of logs."""

    caller: Caller
    authorization: str = field(repr=False)


class AutofillService:
    """Calls inference on behalf of a requester. `now` returns the current time with its time zone.

    Its methods raise what `Inference` raises; `fill` also StoreError.
    """

    def __init__(
        self, inference: Inference, profiles: ProfileReader, log: DecisionLog, hasher: UserHasher, now: Callable[[], datetime]
    ) -> None:
        self._inference = inference
        self._profiles = profiles
        self._log = log
        self._hasher = hasher
        self._now = now

    def classify(self, requester: Requester, request: ClassifyRequest) -> ClassifyResponse:
        """The accepted matches. Every decision is logged, accepted or not; clients get the matches alone."""
        answer = self._inference.classify(request, requester.authorization)
        self._log.append(classify_rows(answer.decisions, answer.model_version, request.page.origin, self._stamp(requester)))
        return ClassifyResponse(matches=answer.matches, model_version=answer.model_version)

    def fill(self, requester: Requester, request: FillRequest) -> FillResponse:
        """Values for matches from the requester's own profile; without a profile, every match is unfilled."""
        profile = self._profiles.read_or_empty(requester.caller)
        values = flatten(profile, self._now().date())
        answer = self._inference.fill(MlFillRequest(user_profile=values, matches=request.matches), requester.authorization)
        self._log.append(fill_rows(request.matches, answer, self._stamp(requester)))
        return answer

    def give_feedback(self, requester: Requester, feedback: FeedbackRequest) -> None:
        """Logs whether a match was right, and the correction if there is one."""
        self._log.append([feedback_row(feedback, self._stamp(requester))])

    def threshold(self, requester: Requester, request: ThresholdRequest) -> ThresholdResponse:
        """The decision about one field, explained."""
        return self._inference.threshold(request, requester.authorization)

    def _stamp(self, requester: Requester) -> Stamp:
        return Stamp(at=self._now(), user_hash=self._hasher.hash(requester.caller))
