"""What a request for an override may contain."""

from typing import Annotated

from pydantic import AfterValidator

from fieldwise_common.canonical import is_id
from fieldwise_common.wire import FieldDescriptor, Wire
from fieldwise_common.wire_types import RequiredText, Text

MAX_WHY = 200


def _canonical(value: str) -> str:
    if not is_id(value):
        raise ValueError("must be a canonical id or `none`")
    return value


def _why(value: str) -> str:
    if len(value) > MAX_WHY:
        raise ValueError(f"must have at most {MAX_WHY} characters")
    return value


class OverrideRequest(Wire):
    """`PUT /api/autofill/overrides`. The field is named by exactly one of `signature`, `decision_id` and `field`.

    `origin`: scheme, host and port of the site, or a full URL; "" for forms that were classified without an origin.
    `canonical`: the right id; `none`: the field asks for nothing of the user's. `decision_id`: of a form that you classified in
    the last 24 hours. `field`: its description, exactly as clients send it to classify; of several fields with the same
    name, type and label, the first one.
    """

    origin: Text
    canonical: Annotated[RequiredText, AfterValidator(_canonical)]
    why: Annotated[RequiredText, AfterValidator(_why)]
    signature: Text = ""
    decision_id: Text = ""
    field: FieldDescriptor | None = None
