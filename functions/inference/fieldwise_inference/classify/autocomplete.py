"""The `autocomplete` attribute, read as the HTML standard says (https://html.spec.whatwg.org/#autofill-detail-tokens)."""

from fieldwise_common.canonical import Answer, about
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

SAME_ID = {"country-name": "country"}
"""Tokens for which we have one id with another token."""

CONTACT_KINDS = frozenset({"home", "work", "mobile", "fax", "pager"})
ADDRESS_KINDS = frozenset({"shipping", "billing"})


def token(attribute: str) -> str | None:
    """The field token of an `autocomplete` attribute, or None when it names none (`off`, `on`, unknown words).

    A `fax` or `pager` number is not the user's telephone: None.
    """
    words = attribute.lower().split()
    if words and words[-1] == "webauthn":
        words.pop()
    *details, found = words or [""]
    found = SAME_ID.get(found, found)
    if not about(found).token:
        return None
    if details and details[0].startswith("section-"):
        details.pop(0)
    if details and details[0] in ADDRESS_KINDS:
        details.pop(0)
    is_known_kind = not details or (len(details) == 1 and details[0] in CONTACT_KINDS - {"fax", "pager"})
    return found if is_known_kind else None


def _contradicts(view: FieldView, canonical: str) -> bool:
    """Whether the field's type makes the attribute a mistake: pages write `new-password` on text boxes to keep browsers out."""
    row = about(canonical)
    is_unmasked_password = row.answer is Answer.PASSWORD and view.kind not in {"password", ""}
    is_masked_other = view.kind == "password" and not row.masked and canonical != "username"  # some banks mask it
    is_choice = view.kind in {"checkbox", "radio"}
    return is_unmasked_password or is_masked_other or is_choice


def by_autocomplete(view: FieldView) -> Ruling | None:
    """Believes a valid attribute that the field's type does not contradict."""
    found = token(view.field.autocomplete)
    if found is None or _contradicts(view, found):
        return None
    return Ruling("accepted", "autocomplete", found, 1.0, 1.0, (f"autocomplete:{found}",))
