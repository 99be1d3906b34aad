"""The four acts of autofill, each logged before it is answered: a Lambda is frozen after its answer."""

from collections.abc import Callable
from datetime import datetime

from fieldwise_backend.autofill.decision_rows import Stamp, classify_rows, feedback_row, fill_rows
from fieldwise_backend.autofill.feedback import Feedback
from fieldwise_backend.autofill.ports import DecisionLog, Inference, Profiles, UserHasher
from fieldwise_backend.flatten.mapping import flatten
from fieldwise_backend.requester import Requester
from fieldwise_common.wire import (
    ClassifyRequest,
    ClassifyResponse,
    FillRequest,
    FillResponse,
    MlFillRequest,
    ThresholdRequest,
    ThresholdResponse,
)


class AutofillService:
    """Asks inference on behalf of a requester. `now` answers the present time, with its zone.

    Its methods raise what `Inference` raises; `fill` also StoreError.
    """

    def __init__(self, inference: Inference, profiles: Profiles, log: DecisionLog, hasher: UserHasher, now: Callable[[], datetime]) -> None:
        self._inference = inference
        self._profiles = profiles
        self._log = log
        self._hasher = hasher
        self._now = now

    def classify(self, requester: Requester, request: ClassifyRequest) -> ClassifyResponse:
        """What the accepted fields mean. Every decision is logged, the others' too; clients get none of them."""
        answer = self._inference.classify(request, requester.authorization)
        self._log.append(classify_rows(answer.decisions, answer.model_version, request.page.origin, self._stamp(requester)))
        return ClassifyResponse(matches=answer.matches, model_version=answer.model_version)

    def fill(self, requester: Requester, request: FillRequest) -> FillResponse:
        """Values for matches from the requester's own profile; without one, everything is unfilled."""
        profile = self._profiles.read_or_empty(requester.caller)
        values = flatten(profile, self._now().date())
        answer = self._inference.fill(MlFillRequest(user_profile=values, matches=request.matches), requester.authorization)
        self._log.append(fill_rows(request.matches, answer, self._stamp(requester)))
        return answer

    def give_feedback(self, requester: Requester, feedback: Feedback) -> None:
        """Logs whether a match was right, and what would have been."""
        self._log.append([feedback_row(feedback, self._stamp(requester))])

    def threshold(self, requester: Requester, request: ThresholdRequest) -> ThresholdResponse:
        """The threshold one field would get, with every adjustment named."""
        return self._inference.threshold(request, requester.authorization)

    def _stamp(self, requester: Requester) -> Stamp:
        return Stamp(at=self._now(), user_hash=self._hasher.hash(requester.caller))
