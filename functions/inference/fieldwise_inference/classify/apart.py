"""Which fields of a form the page itself keeps apart: billing from shipping, one heading from the next, one frame from another.

Repeated blocks (job 1, job 2) are in `entries`.
"""

import re

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.text import normalise

_ADDRESS_KINDS = {
    **dict.fromkeys(("billing", "bill", "invoice"), "billing"),
    **dict.fromkeys(("shipping", "ship", "delivery"), "shipping"),
}
"""Words in names and `autocomplete` attributes, and the address they are about."""
_DETAIL = re.compile(r"section-\S+")


def are_apart(one: FieldView, other: FieldView) -> bool:
    """Whether the page keeps two fields apart: something that is known of the place of both differs."""
    pairs = zip(_places(one), _places(other), strict=True)
    return any(mine and theirs and mine != theirs for mine, theirs in pairs)


def _places(view: FieldView) -> tuple[str, ...]:
    field = view.field
    attribute = field.autocomplete.lower().split()
    words = (*attribute, *view.name_words, *view.id_words)
    address = next((_ADDRESS_KINDS[word] for word in words if word in _ADDRESS_KINDS), "")
    detail = next((word for word in attribute if _DETAIL.fullmatch(word)), "")
    return field.frame, field.form, normalise(field.section), str(field.entry or ""), detail, address
