"""The derivations `mapping.toml` may name: each returns a text computed from a profile and today's date, or ""."""

from collections.abc import Callable, Mapping
from datetime import date

from fieldwise_backend.flatten.addresses import country_code, iso_country_code, line_1, line_2, location, street, street_lines
from fieldwise_backend.flatten.entries import is_current
from fieldwise_backend.flatten.names import NameParts, join_name, kana, parts_of_full, romanised, surnames
from fieldwise_backend.flatten.phones import PhoneParts, split_phone
from fieldwise_backend.flatten.streets import Street
from fieldwise_backend.profile.schema import Address, Name, Profile, WrittenName
from fieldwise_common import countries
from fieldwise_common.canonical import ADULT_AGE

Derivation = Callable[[Profile, date], str]

MAX_AGE = 130
"""In years; an earlier birthday, like one in the future, is a mistake."""


def _name(part: Callable[[NameParts], str]) -> Derivation:
    return lambda profile, _: part(parts_of_full(profile.name, _countries(profile)))


def _phone(part: Callable[[PhoneParts], str]) -> Derivation:
    return lambda profile, _: part(split_phone(profile.contact.tel, country_code(profile.address) or None))


def _countries(profile: Profile) -> frozenset[str]:
    """The codes of the user's country and citizenship."""
    home, citizenship = country_code(profile.address), countries.country_code(profile.demographics.citizenship)
    return frozenset(code for code in (home, citizenship) if code)


def _surnames(profile: Profile) -> tuple[str, str]:
    """The whole family name and the second surname."""
    return surnames(profile.name, _countries(profile))


def _written(read: Callable[[Name], WrittenName], part: Callable[[WrittenName], str]) -> Derivation:
    return lambda profile, _: part(read(profile.name))


def _romanised(part: Callable[[WrittenName], str]) -> Derivation:
    return lambda profile, _: part(romanised(profile.name, _countries(profile)))


def _address(part: Callable[[Address], str]) -> Derivation:
    return lambda profile, _: part(profile.address)


def _street(part: Callable[[Street], str]) -> Derivation:
    return lambda profile, _: part(street(profile.address))


def _birth_date(profile: Profile, today: date) -> date | None:
    """The birthday; None if it is missing, or if no living person can have it."""
    birthday = profile.birthday
    return birthday if birthday is not None and 0 <= _years(birthday, today) <= MAX_AGE and birthday <= today else None


def _birthday(part: Callable[[date], object]) -> Derivation:
    def derivation(profile: Profile, today: date) -> str:
        birthday = _birth_date(profile, today)
        return str(part(birthday)) if birthday is not None else ""

    return derivation


def _years(birthday: date, today: date) -> int:
    """Completed years; a birthday on 29 February falls on 1 March in other years."""
    is_before_birthday = (today.month, today.day) < (birthday.month, birthday.day)
    return today.year - birthday.year - is_before_birthday


def _age(profile: Profile, today: date) -> str:
    birthday = _birth_date(profile, today)
    return str(_years(birthday, today)) if birthday is not None else ""


def _is_adult(profile: Profile, today: date) -> str:
    birthday = _birth_date(profile, today)
    if birthday is None:
        return ""
    return "Yes" if _years(birthday, today) >= ADULT_AGE else "No"


def _current_job(profile: Profile, today: date) -> str:
    current = is_current(profile.work_history[0], today) if profile.work_history else None
    return "" if current is None else "Yes" if current else "No"


def _graduation_year(profile: Profile, _: date) -> str:
    return profile.education[0].end_date[:4] if profile.education else ""


DERIVATIONS: Mapping[str, Derivation] = {
    "full_from_parts": lambda profile, _: join_name(profile.name),
    "prefix_from_full": _name(lambda n: n.prefix),
    "given_from_full": _name(lambda n: n.given),
    "additional_from_full": _name(lambda n: n.additional),
    "family_name": lambda profile, _: _surnames(profile)[0],
    "second_family_name": lambda profile, _: _surnames(profile)[1],
    "suffix_from_full": _name(lambda n: n.suffix),
    "given_kana": _written(kana, lambda n: n.given),
    "family_kana": _written(kana, lambda n: n.family),
    "full_kana": _written(kana, lambda n: n.full),
    "given_romanised": _romanised(lambda n: n.given),
    "family_romanised": _romanised(lambda n: n.family),
    "full_romanised": _romanised(lambda n: n.full),
    "tel_international": _phone(lambda p: p.international),
    "tel_country_code": _phone(lambda p: p.country_code),
    "tel_national": _phone(lambda p: p.national),
    "tel_area_code": _phone(lambda p: p.area_code),
    "tel_local": _phone(lambda p: p.local),
    "tel_local_prefix": _phone(lambda p: p.local_prefix),
    "tel_local_suffix": _phone(lambda p: p.local_suffix),
    "tel_extension": _phone(lambda p: p.extension),
    "street_address": lambda profile, _: "\n".join(street_lines(profile.address)),
    "rest_of_street": lambda profile, _: ", ".join(profile.address.street[2:]),
    "line_1": _address(line_1),
    "line_2": _address(line_2),
    "street_name": _street(lambda s: s.name),
    "house_number": _street(lambda s: s.number),
    "building": _street(lambda s: s.building),
    "floor": _street(lambda s: s.floor),
    "unit": _street(lambda s: s.unit),
    "location": _address(location),
    "country_code": lambda profile, _: iso_country_code(profile.address),
    "birth_date": _birthday(lambda d: d.isoformat()),
    "birth_day": _birthday(lambda d: d.day),
    "birth_month": _birthday(lambda d: d.month),
    "birth_year": _birthday(lambda d: d.year),
    "age": _age,
    "is_adult": _is_adult,
    "current_job": _current_job,
    "graduation_year": _graduation_year,
}
