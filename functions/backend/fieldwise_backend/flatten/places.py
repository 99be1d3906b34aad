"""Street lines, and countries by their code."""

import pycountry

from fieldwise_backend.profile.schema import Address

COMMON_NAMES = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
}
"""What people write that ISO 3166 has no name for."""


def street_lines(address: Address) -> tuple[str, ...]:
    """The street's lines; `line1` to `line3` take the place of the lines they name."""
    count = max(len(address.street), 3)
    street = address.street + ("",) * (count - len(address.street))
    named = (address.line1, address.line2, address.line3) + ("",) * (count - 3)
    return tuple(line for line in (n or s for n, s in zip(named, street, strict=True)) if line)


def country_code(country: str) -> str:
    """ISO 3166-1 alpha-2 of a country's name or code; "" for a name that is not in ISO's list."""
    if not country:
        return ""
    common = COMMON_NAMES.get(country.lower())
    if common is not None:
        return common
    try:
        return str(pycountry.countries.lookup(country).alpha_2)
    except LookupError:
        return ""
