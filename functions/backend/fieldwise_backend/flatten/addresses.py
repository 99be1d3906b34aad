"""The lines of a street address and their parts, the user's place in one text, and the country by its code."""

import re

from fieldwise_backend.flatten.streets import Street, first_line, split_street, with_unit
from fieldwise_backend.profile.schema import Address
from fieldwise_common import countries

EVERYDAY_NAMES = {"uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB"}
"""Names of a profile's country that are sent as its code, though ISO 3166 does not list them. As options of a form, some mean less."""
STATE_AFTER_TOWN = frozenset({"US", "CA", "AU", "BR", "IN", "MX"})
"""Countries where a town is named with its state; elsewhere with the country."""
_BIG_TO_SMALL = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def street_lines(address: Address) -> tuple[str, ...]:
    """The lines as the profile has them, the first with the house number; without lines, written from the street's parts."""
    own = _own_lines(address)
    first = line_1(address)
    if own:
        return (first, *own[1:]) if first else own
    return tuple(line for line in (first, line_2(address)) if line)


def line_1(address: Address) -> str:
    """The first line, from the street's name and number if the profile has no lines, or has the number apart from them."""
    own = address.line1 or next(iter(address.street), "")
    if own and own != _bare_name(address):
        return own
    name = own or ("" if _own_lines(address) else address.street_name)
    return first_line(name, address.house_number, address.unit, country_code(address))


def line_2(address: Address) -> str:
    """The second line, from the parts that are not in the first if the profile has no lines."""
    own = address.line2 or "".join(address.street[1:2])
    if own or _own_lines(address) or not address.street_name:
        return own
    unit = "" if country_code(address) in countries.UNIT_IN_HOUSE_NUMBER and address.house_number else address.unit
    return ", ".join(part for part in (address.building, address.floor, unit) if part)


def street(address: Address) -> Street:
    """The parts of the street: those the profile has, the others from its lines."""
    country = country_code(address)
    derived = split_street(_own_lines(address), country)
    unit = address.unit or derived.unit
    return Street(
        name=address.street_name or derived.name or _bare_name(address),
        number=with_unit(address.house_number, unit, country) or derived.number,
        building=address.building or derived.building,
        floor=address.floor or derived.floor,
        unit=unit,
    )


def _bare_name(address: Address) -> str:
    """The first line if it is a street's name without a number, because the profile has the number apart."""
    first = address.line1 or next(iter(address.street), "")
    return first if address.house_number and not any(char.isdigit() for char in first) else ""


def location(address: Address) -> str:
    """Where the user lives, in one text as people write it: `Boston, MA`, `München, Deutschland`; "" without a town."""
    town, state = address.level2, address.level1
    if _BIG_TO_SMALL.search(town):
        return state + town
    after = state if country_code(address) in STATE_AFTER_TOWN and state else address.country
    return ", ".join(part for part in (town, after) if part) if town else ""


def _own_lines(address: Address) -> tuple[str, ...]:
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
