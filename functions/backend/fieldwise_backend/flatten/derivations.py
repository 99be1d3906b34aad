"""The derivations `mapping.toml` may name: each returns a text computed from a profile and today's date, or ""."""

from collections.abc import Callable, Mapping
from datetime import date

from fieldwise_backend.flatten.addresses import country_code, iso_country_code, street_lines
from fieldwise_backend.flatten.names import NameParts, join_name, split_name
from fieldwise_backend.flatten.phones import PhoneParts, split_phone
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.canonical import ADULT_AGE

Derivation = Callable[[Profile, date], str]


def _name(part: Callable[[NameParts], str]) -> Derivation:
    return lambda profile, _: part(split_name(profile.name.full))


def _phone(part: Callable[[PhoneParts], str]) -> Derivation:
    return lambda profile, _: part(split_phone(profile.contact.tel, country_code(profile.address) or None))


def _birthday(part: Callable[[date], int]) -> Derivation:
    return lambda profile, _: str(part(profile.birthday)) if profile.birthday is not None else ""


def _years(birthday: date, today: date) -> int:
    """Completed years; a birthday on 29 February falls on 1 March in other years."""
    is_before_birthday = (today.month, today.day) < (birthday.month, birthday.day)
    return today.year - birthday.year - is_before_birthday


def _age(profile: Profile, today: date) -> str:
    return str(_years(profile.birthday, today)) if profile.birthday is not None else ""


def _is_adult(profile: Profile, today: date) -> str:
    if profile.birthday is None:
        return ""
    return "Yes" if _years(profile.birthday, today) >= ADULT_AGE else "No"


def _graduation_year(profile: Profile, _: date) -> str:
    return profile.education[0].end_date[:4] if profile.education else ""


DERIVATIONS: Mapping[str, Derivation] = {
    "full_from_parts": lambda profile, _: join_name(profile.name),
    "prefix_from_full": _name(lambda n: n.prefix),
    "given_from_full": _name(lambda n: n.given),
    "additional_from_full": _name(lambda n: n.additional),
    "family_from_full": _name(lambda n: n.family),
    "suffix_from_full": _name(lambda n: n.suffix),
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
    "country_code": lambda profile, _: iso_country_code(profile.address),
    "birth_day": _birthday(lambda d: d.day),
    "birth_month": _birthday(lambda d: d.month),
    "birth_year": _birthday(lambda d: d.year),
    "age": _age,
    "is_adult": _is_adult,
    "graduation_year": _graduation_year,
}
