"""The parts of a phone number, as the HTML standard defines them.

https://html.spec.whatwg.org/#attr-fe-autocomplete-tel : country code with its plus, then area code, then the local part,
whose last four digits are its suffix. All parts are digits without separators; inference formats them for each field.
"""

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

SUFFIX_DIGITS = 4


@dataclass(frozen=True, slots=True)
class PhoneParts:
    """A number and its parts; "" for a part it does not have."""

    international: str = ""
    """E.164."""
    country_code: str = ""
    national: str = ""
    """Including the trunk prefix, if the country has one."""
    area_code: str = ""
    local: str = ""
    local_prefix: str = ""
    local_suffix: str = ""
    extension: str = ""


@lru_cache(maxsize=1)  # each part of a profile's number is asked for in turn
def split_phone(number: str, region: str | None) -> PhoneParts:
    """The parts of `number`; all empty if it can't be parsed. `region` (ISO alpha-2) applies to a number without a `+`."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return PhoneParts()
    if not phonenumbers.is_possible_number(parsed):
        return PhoneParts()
    significant = phonenumbers.national_significant_number(parsed)
    area_digits = phonenumbers.length_of_geographical_area_code(parsed) or phonenumbers.length_of_national_destination_code(parsed)
    local = significant[area_digits:]
    bare = phonenumbers.PhoneNumber(
        country_code=parsed.country_code,
        national_number=parsed.national_number,
        italian_leading_zero=parsed.italian_leading_zero,
        number_of_leading_zeros=parsed.number_of_leading_zeros,
    )
    national = phonenumbers.format_number(bare, phonenumbers.PhoneNumberFormat.NATIONAL)
    is_split = len(local) > SUFFIX_DIGITS
    return PhoneParts(
        international=phonenumbers.format_number(bare, phonenumbers.PhoneNumberFormat.E164),
        country_code=f"+{parsed.country_code}",
        national="".join(c for c in national if c.isdigit()),
        area_code=significant[:area_digits],
        local=local,
        local_prefix=local[:-SUFFIX_DIGITS] if is_split else "",
        local_suffix=local[-SUFFIX_DIGITS:] if is_split else "",
        extension=parsed.extension or "",
    )
