"""Decision ids: made by inference, and enough to find the request, the site and the field that feedback is about."""

import re
import uuid
from dataclasses import dataclass

_FORMAT = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{16})?\.(\d{1,3})")


@dataclass(frozen=True, slots=True)
class DecisionId:
    """`request_id`: 32 hex digits; `position`: the field's place in the request, from 0.

    `site`: the keyed hash of the page's origin; "" if the key could not be read.
    """

    request_id: str
    site: str
    position: int

    def __str__(self) -> str:
        return f"{self.request_id}.{self.site}.{self.position}"


def new_request_id() -> str:
    """A random request id."""
    return uuid.uuid4().hex


def parse_decision_id(text: str) -> DecisionId | None:
    """The parts of a decision id; None for any other text, such as a decision id of an earlier release."""
    found = _FORMAT.fullmatch(text)
    return DecisionId(found[1], found[2] or "", int(found[3])) if found is not None else None
