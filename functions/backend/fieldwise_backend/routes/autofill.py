"""`/api/autofill`: classify, fill, feedback, and the threshold debugger."""

from typing import Literal

from fastapi import APIRouter, status

from fieldwise_backend.autofill.feedback import Feedback
from fieldwise_backend.routes.context import Autofill, Counted, RequesterOf, bearer
from fieldwise_common.wire import (
    ClassifyRequest,
    ClassifyResponse,
    FillRequest,
    FillResponse,
    ThresholdRequest,
    ThresholdResponse,
    Wire,
)

router = APIRouter(prefix="/api/autofill", tags=["autofill"], dependencies=[bearer])


class Accepted(Wire):
    """The answer to feedback: it is on its way into the log."""

    status: Literal["accepted"] = "accepted"


@router.post("/classify", response_model_exclude_none=True)
def classify(body: ClassifyRequest, requester: RequesterOf, autofill: Autofill, counted: Counted) -> ClassifyResponse:
    """Say what the fields of a form mean; only accepted fields are in the answer."""
    answer = autofill.classify(requester, body)
    counted.classified_by(answer.model_version)
    return answer


@router.post("/fill", response_model_exclude_none=True)
def fill(body: FillRequest, requester: RequesterOf, autofill: Autofill) -> FillResponse:
    """Fill matches from your profile; a field without a value is only in `unfilled`, with the reason."""
    return autofill.fill(requester, body)


@router.post("/feedback", status_code=status.HTTP_202_ACCEPTED)
def feedback(body: Feedback, requester: RequesterOf, autofill: Autofill, counted: Counted) -> Accepted:
    """Say whether a match was right, and what would have been; the value itself is not wanted and dropped unread."""
    autofill.give_feedback(requester, body)
    counted.count(body.feedback)
    return Accepted()


@router.post("/debug/threshold")
def threshold(body: ThresholdRequest, requester: RequesterOf, autofill: Autofill) -> ThresholdResponse:
    """Show the threshold one field would get, with every adjustment named."""
    return autofill.threshold(requester, body)
