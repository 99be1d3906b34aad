"""The lines of a street address, and the country by its code."""

from fieldwise_backend.profile.schema import Address
from fieldwise_common import countries

IN_THE_UK = frozenset({"england", "scotland", "wales", "northern ireland"})
"""As a profile's country, these mean the United Kingdom; as an option of a form, they don't."""


def street_lines(address: Address) -> tuple[str, ...]:
    """The street's lines; `line1` to `line3` replace the lines of `street` with the same number."""
    count = max(len(address.street), 3)
    street = address.street + ("",) * (count - len(address.street))
    named = (address.line1, address.line2, address.line3) + ("",) * (count - 3)
    return tuple(line for line in (n or s for n, s in zip(named, street, strict=True)) if line)


def country_code(address: Address) -> str:
    """ISO 3166-1 alpha-2 of the country, whatever language its name is in; "" if unknown."""
    return countries.country_code(_sovereign(address.country)) or ""


def english_country_code(address: Address) -> str:
    """As `country_code`, but "" for a name in another language.

    Such a name is filled as it is: a text box should get the user's own `Deutschland`, not `Germany`, and inference finds
    the option for it in a list all the same.
    """
    return countries.english_country_code(_sovereign(address.country)) or ""


def _sovereign(country: str) -> str:
    return "GB" if country.lower() in IN_THE_UK else country
