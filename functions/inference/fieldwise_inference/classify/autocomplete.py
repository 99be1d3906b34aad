"""Parses the `autocomplete` attribute as the HTML standard specifies (https://html.spec.whatwg.org/#autofill-detail-tokens)."""

from fieldwise_common.canonical import Answer, about
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

TOKEN_ALIASES = {"country-name": "country"}
"""Tokens that share a canonical id with another token."""

CONTACT_KINDS = frozenset({"home", "work", "mobile", "fax", "pager"})
ADDRESS_KINDS = frozenset({"shipping", "billing"})


def token(attribute: str) -> str | None:
    """The field token of an `autocomplete` attribute; None if it has none (`off`, `on`, unknown words).

    Also None for `fax` and `pager`: those numbers are not the user's telephone.
    """
    words = attribute.lower().split()
    if words and words[-1] == "webauthn":
        words.pop()
    *details, found = words or [""]
    found = TOKEN_ALIASES.get(found, found)
    if not about(found).token:
        return None
    if details and details[0].startswith("section-"):
        details.pop(0)
    if details and details[0] in ADDRESS_KINDS:
        details.pop(0)
    is_known_kind = not details or (len(details) == 1 and details[0] in CONTACT_KINDS - {"fax", "pager"})
    return found if is_known_kind else None


def _contradicts(view: FieldView, canonical: str) -> bool:
    """Whether the field's type contradicts the attribute: pages put `new-password` on text boxes to stop browsers filling them."""
    row = about(canonical)
    is_unmasked_password = row.answer is Answer.PASSWORD and view.kind not in {"password", ""}
    is_masked_other = view.kind == "password" and not row.masked and canonical != "username"  # some banks mask it
    is_choice = view.kind in {"checkbox", "radio"}
    return is_unmasked_password or is_masked_other or is_choice


def by_autocomplete(view: FieldView) -> Ruling | None:
    """Accepts a valid `autocomplete` attribute unless the field's type contradicts it."""
    found = token(view.field.autocomplete)
    if found is None or _contradicts(view, found):
        return None
    return Ruling("accepted", "autocomplete", found, 1.0, 1.0, (f"autocomplete:{found}",))
