"""The `autocomplete` attribute, read as the HTML standard says (https://html.spec.whatwg.org/#autofill-detail-tokens)."""

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

TOKENS = frozenset(
    "name honorific-prefix given-name additional-name family-name honorific-suffix nickname username new-password current-password"
    " one-time-code organization-title organization street-address address-line1 address-line2 address-line3 address-level4"
    " address-level3 address-level2 address-level1 country country-name postal-code cc-name cc-given-name cc-additional-name"
    " cc-family-name cc-number cc-exp cc-exp-month cc-exp-year cc-csc cc-type language bday bday-day bday-month bday-year sex url"
    " tel tel-country-code tel-national tel-area-code tel-local tel-local-prefix tel-local-suffix tel-extension email impp".split()
)
OURS = {"country-name": "country"}
"""Where we say one thing for two tokens."""

CONTACT_KINDS = frozenset({"home", "work", "mobile", "fax", "pager"})
ADDRESS_KINDS = frozenset({"shipping", "billing"})
MASKED_IDS = frozenset({"username", "current-password", "new-password", "one-time-code", "cc-csc", "cc-number"})
"""What a masked box may hold, by its attribute."""


def token(attribute: str) -> str | None:
    """The field token of an `autocomplete` attribute, or None when it names none (`off`, `on`, unknown words).

    A `fax` or `pager` number is not the user's telephone: None.
    """
    words = attribute.lower().split()
    if words and words[-1] == "webauthn":
        words.pop()
    if not words or words[-1] not in TOKENS:
        return None
    *details, found = words
    if details and details[0].startswith("section-"):
        details.pop(0)
    if details and details[0] in ADDRESS_KINDS:
        details.pop(0)
    is_known_kind = not details or (len(details) == 1 and details[0] in CONTACT_KINDS - {"fax", "pager"})
    return OURS.get(found, found) if is_known_kind else None


def _contradicts(view: FieldView, canonical: str) -> bool:
    """Whether the field's type makes the attribute a mistake: pages write `new-password` on text boxes to keep browsers out."""
    is_unmasked_password = canonical in {"new-password", "current-password"} and view.type not in {"password", ""}
    is_masked_other = view.type == "password" and canonical not in MASKED_IDS
    is_choice = view.type in {"checkbox", "radio"}
    return is_unmasked_password or is_masked_other or is_choice


def by_autocomplete(view: FieldView) -> Ruling | None:
    """Believes a valid attribute that the field's type does not contradict."""
    found = token(view.field.autocomplete)
    if found is None or _contradicts(view, found):
        return None
    return Ruling("accepted", "autocomplete", found, 1.0, 1.0, (f"autocomplete:{found}",))
