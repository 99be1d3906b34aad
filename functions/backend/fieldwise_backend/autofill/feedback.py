"""Feedback as it is accepted: nothing in it can carry the user's own data into the log."""

import re
from typing import Annotated

from pydantic import AfterValidator

from fieldwise_common.wire import FeedbackRequest, RequiredText, Text

MAX_ID = 64

_CANONICAL = re.compile(r"(none:)?[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DECISION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


def _canonical(value: str) -> str:
    if value and (len(value) > MAX_ID or not _CANONICAL.fullmatch(value)):
        raise ValueError("must be a canonical id, or none")
    return value


def _decision_id(value: str) -> str:
    if value and (len(value) > MAX_ID or not _DECISION_ID.fullmatch(value)):
        raise ValueError("must be a decision_id that classify gave")
    return value


class Feedback(FeedbackRequest):
    """`POST /api/autofill/feedback`, where ids must look like ids: a free text here could be what the user typed."""

    canonical: Annotated[RequiredText, AfterValidator(_canonical)]
    corrected_to: Annotated[Text, AfterValidator(_canonical)] = ""
    decision_id: Annotated[Text, AfterValidator(_decision_id)] = ""
