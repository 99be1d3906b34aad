"""`/api/autofill`: classify, fill, feedback, and debugging."""

from typing import Literal

from fastapi import APIRouter, status

from fieldwise_backend.dependencies import Autofill, CurrentRequester, bearer
from fieldwise_backend.routes.feedback_count import Counted
from fieldwise_common.wire import (
    ClassifyRequest,
    ClassifyResponse,
    FeedbackRequest,
    FillRequest,
    FillResponse,
    Wire,
)
from fieldwise_common.wire_explain import ThresholdRequest, ThresholdResponse

router = APIRouter(prefix="/api/autofill", tags=["autofill"], dependencies=[bearer])


class Accepted(Wire):
    """The response to feedback: it has been sent to the log.

    `remembered`: whether your own next request on this site is already answered by it; false if the field was not found among
    the forms you classified in the last 24 hours, or your memory could not be written.
    """

    status: Literal["accepted"] = "accepted"
    remembered: bool


@router.post("/classify", response_model_exclude_none=True)
async def classify(body: ClassifyRequest, requester: CurrentRequester, autofill: Autofill, counted: Counted) -> ClassifyResponse:
    """Classify the fields of a form; the response contains the accepted fields only."""
    answer = autofill.classify(requester, body)
    counted.classified_by(answer.model_version)
    return answer


@router.post("/fill", response_model_exclude_none=True)
async def fill(body: FillRequest, requester: CurrentRequester, autofill: Autofill) -> FillResponse:
    """Fill matches from your profile; a field without a value is listed in `unfilled`, with the reason."""
    return autofill.fill(requester, body)


@router.post("/feedback", status_code=status.HTTP_202_ACCEPTED)
async def feedback(body: FeedbackRequest, requester: CurrentRequester, autofill: Autofill, counted: Counted) -> Accepted:
    """Report whether a match was right, with a correction if you have one; a field's value must not be sent, and is dropped unread."""
    is_remembered = autofill.give_feedback(requester, body)
    counted.count(body.feedback)
    return Accepted(remembered=is_remembered)


@router.post("/debug/threshold")
async def threshold(body: ThresholdRequest, requester: CurrentRequester, autofill: Autofill) -> ThresholdResponse:
    """Explain the decision that the live version makes about one field; nothing of it is logged."""
    return autofill.threshold(requester, body)
