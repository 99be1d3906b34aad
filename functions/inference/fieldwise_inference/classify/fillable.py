"""Which fields can be filled at all, judged by their type alone, and which meanings a type admits."""

from fieldwise_common.canonical import is_negative
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

NEVER_FILLED_TYPES = frozenset({"hidden", "submit", "button", "image", "reset", "file", "color", "range"})
CHOICE_TYPES = frozenset({"checkbox"})
YES_NO_IDS = frozenset(
    {
        "work-authorization",
        "visa-sponsorship",
        "willing-to-relocate",
        "remote-preference",
        "previously-employed",
        "age-confirmation",
        "drivers-license",
        "hispanic-latino",
        "veteran-status",
        "disability-status",
    }
)
"""What a tick box may mean; nearly every other one on the web is a consent, an offer or a filter."""

PASSWORD_IDS = frozenset({"current-password", "new-password", "one-time-code", "cc-csc", "cc-number"})
"""What a masked box may mean."""


def by_type(view: FieldView) -> Ruling | None:
    """Takes out what is never filled, and search boxes, which never hold the user's data."""
    if view.type in NEVER_FILLED_TYPES:
        return Ruling("ignored", "type", signals=(f"type:{view.type}",))
    if view.type == "search":
        return Ruling("nothing", "type", canonical="none:search", score=1.0, signals=("type:search",))
    return None


def admits(view: FieldView, canonical: str) -> bool:
    """Whether a field of this type can mean `canonical`. A negative id is always possible."""
    return type_admits(view.type, canonical)


def type_admits(kind: str, canonical: str) -> bool:
    """The same, by the type as `FieldView.type` has it."""
    if is_negative(canonical):
        return True
    if kind in CHOICE_TYPES:
        return canonical in YES_NO_IDS
    is_password_id = canonical in {"current-password", "new-password"}
    if kind == "password":
        return canonical in PASSWORD_IDS
    return not (is_password_id and kind in {"email", "tel", "select", "date", "month", "radio"})
