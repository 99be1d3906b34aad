"""Parses the mapping and applies it."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from fieldwise_backend.flatten.derivations import DERIVATIONS
from fieldwise_backend.flatten.entries import in_order, one_entry_each
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.canonical import catalogue, entry_key, is_negative, is_secret
from fieldwise_common.errors import DataError

FILE = "mapping.toml"
CALL = "()"
"""Ends the name of a derivation."""


def parse_mapping(text: str) -> Mapping[str, tuple[str, ...]]:
    """Canonical id → its sources, in the order they are tried.

    Raises:
        DataError: naming the id, when its sources are not a list, name an unknown derivation, or the id is never filled.
    """
    mapping: dict[str, tuple[str, ...]] = {}
    for canonical, sources in tomllib.loads(text).items():
        if is_secret(canonical) or is_negative(canonical):
            raise DataError(f"{FILE}: {canonical} must not have sources, because it is never filled")
        if not isinstance(sources, list) or not sources:
            raise DataError(f"{FILE}: the sources of {canonical} must be a list that is not empty")
        unknown = [s for s in sources if s.endswith(CALL) and s.removesuffix(CALL) not in DERIVATIONS]
        if unknown:
            raise DataError(f"{FILE}: {canonical} names the unknown derivation {unknown[0]}")
        mapping[canonical] = tuple(sources)
    return mapping


@cache
def shipped_mapping() -> Mapping[str, tuple[str, ...]]:
    """The mapping of this package."""
    return parse_mapping(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def flatten(profile: Profile, today: date) -> dict[str, str]:
    """A profile as `canonical id → value`, without empty values.

    Ids of the profile's lists have the first entry's value, and with a number that of each entry: `organization#1`, `organization#2`.
    Dates are ISO 8601, phone numbers E.164 and countries ISO 3166-1 alpha-2, if the text can be parsed, else as written.
    """
    ordered = in_order(profile, today)
    values = {canonical: _first(ordered, today, sources) for canonical, sources in shipped_mapping().items()}
    for name, number, alone in one_entry_each(ordered):
        for canonical in _ids_of_list(name):
            values[entry_key(canonical, number)] = _first(alone, today, shipped_mapping()[canonical])
    return {key: value for key, value in values.items() if value}


@cache
def _ids_of_list(name: str) -> tuple[str, ...]:
    """The ids whose values are those of an entry of one of the profile's lists."""
    return tuple(row.id for row in catalogue().values() if row.list == name and row.id in shipped_mapping())


def _first(profile: Profile, today: date, sources: tuple[str, ...]) -> str:
    return next((value for source in sources if (value := _value(profile, today, source))), "")


def _value(profile: Profile, today: date, source: str) -> str:
    if source.endswith(CALL):
        return DERIVATIONS[source.removesuffix(CALL)](profile, today)
    found: object = profile
    for step in source.split("."):
        found = _step(found, step)
    return as_text(found)


def _step(found: object, step: str) -> object:
    if not step.isdigit():
        return getattr(found, step, None)
    entries = found if isinstance(found, tuple) else ()
    return entries[int(step)] if int(step) < len(entries) else None


def as_text(found: object) -> str:
    """A profile's value as text: lists joined by commas, dates in ISO 8601, "" for None."""
    if isinstance(found, tuple):
        return ", ".join(map(str, found))
    return found.isoformat() if isinstance(found, date) else str(found or "")
