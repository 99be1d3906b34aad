"""The lines of a street address, and the country by its code."""

from fieldwise_backend.profile.schema import Address
from fieldwise_common import countries

EVERYDAY_NAMES = {"uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB"}
"""Names of a profile's country that are sent as its code, though ISO 3166 does not list them. As options of a form, some mean less."""


def street_lines(address: Address) -> tuple[str, ...]:
    """The street's lines; `line1` to `line3` replace the lines of `street` with the same number."""
    count = max(len(address.street), 3)
    street = address.street + ("",) * (count - len(address.street))
    named = (address.line1, address.line2, address.line3) + ("",) * (count - 3)
    return tuple(line for line in (n or s for n, s in zip(named, street, strict=True)) if line)


def country_code(address: Address) -> str:
    """ISO 3166-1 alpha-2 of the country, whatever language its name is in; "" if unknown."""
    return iso_country_code(address) or countries.country_code(address.country) or ""


def iso_country_code(address: Address) -> str:
    """As `country_code`, but "" for a name that ISO 3166 does not list.

    Such a name is filled as it is: a text box should get the user's own `Deutschland` or `Turkey`, not `Germany` or `Türkiye`,
    and inference finds the option for it in a list all the same.
    """
    return EVERYDAY_NAMES.get(address.country.strip().lower()) or countries.iso_country_code(address.country) or ""
