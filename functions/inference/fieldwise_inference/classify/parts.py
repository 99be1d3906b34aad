"""Which meanings are parts of others: a label often names the whole ("Expiration date") and the name the part (`exp_month`)."""

WHOLE_OF = {
    "cc-exp-month": "cc-exp",
    "cc-exp-year": "cc-exp",
    "cc-given-name": "cc-name",
    "cc-family-name": "cc-name",
    "bday-day": "bday",
    "bday-month": "bday",
    "bday-year": "bday",
    "tel-country-code": "tel",
    "tel-national": "tel",
    "tel-area-code": "tel",
    "tel-local": "tel",
    "tel-local-prefix": "tel",
    "tel-local-suffix": "tel",
    "tel-extension": "tel",
    "given-name": "name",
    "additional-name": "name",
    "family-name": "name",
    "honorific-prefix": "name",
    "honorific-suffix": "name",
    "address-line1": "street-address",
    "address-line2": "street-address",
    "address-line3": "street-address",
    "new-password": "current-password",
}


def is_part_of(canonical: str, whole: str) -> bool:
    """Whether `canonical` is a part of `whole`."""
    return WHOLE_OF.get(canonical) == whole
