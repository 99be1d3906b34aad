"""Countries, their states and provinces, and languages: in text boxes, and among options in whatever language or code."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

import pycountry
from babel import Locale, UnknownLocaleError

from fieldwise_common.countries import KOSOVO, country_code
from fieldwise_common.wire import Option
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit_texts
from fieldwise_inference.fill.handlers.text import clean, text
from fieldwise_inference.fill.names import key, language
from fieldwise_inference.fill.options import is_row_number, only, text_of
from fieldwise_inference.fill.result import FillResult

LONGEST_CODE = 3
"""Characters of a country code."""
LIKELY_COUNTRIES = ("US", "CA", "AU", "GB", "IN", "DE", "BR", "MX", "IT", "ES", "JP")
"""Tried in turn for a state if the profile has no known country."""
REGION_ALIASES = {"US": {"washington dc": "DC", "washington district of columbia": "DC"}, "CA": {"pei": "PE", "newfoundland": "NL"}}
"""By country: everyday names that ISO 3166-2 does not list."""
KINDS_OF_REGION = frozenset("state province prefecture region county oblast territory".split())

_PLACES = {
    "address-level1": re.compile(r"\b(?:states?|province|provincia|estado|bundesland|uf)\b", re.IGNORECASE),
    "country": re.compile(r"\b(?:country|land|pays|pa[ií]s|paese|kraj)\b|страна|国", re.IGNORECASE),
}
"""What a box for the user's place asks for after the town: `City, Country`."""
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
_PARTS = re.compile(r"\s[-–—]\s|[()\[\],/|]")


def country(to_fill: FieldToFill) -> FillResult:
    """For a text box: the country by name; a box of two or three characters gets the code of that length."""
    value = clean(to_fill.value, keeps_lines=False)
    code = country_code(value)
    if code is None:
        return fit_texts([value], to_fill.field)
    is_code = value.isascii() and len(value) <= LONGEST_CODE  # `日本` is a name
    by_name = [country_name(code), value] if is_code else [value, country_name(code)]
    by_code = [alpha_3(code), code] if to_fill.field.maxlength == LONGEST_CODE else [code, alpha_3(code)]
    is_code_box = to_fill.field.maxlength is not None and to_fill.field.maxlength <= LONGEST_CODE
    return fit_texts([*by_code, *by_name] if is_code_box else [*by_name, *by_code], to_fill.field)


def country_name(code: str) -> str:
    """The everyday English name of a country; `code` is an alpha-2 code that `country_code` returned."""
    country = _country(code)
    return str(getattr(country, "common_name", country.name))


def alpha_3(code: str) -> str:
    """The alpha-3 code of a country; `code` as for `country_name`."""
    return str(_country(code).alpha_3)


def _country(code: str) -> Any:
    return pycountry.countries.get(alpha_2=code) or KOSOVO


def region(to_fill: FieldToFill) -> FillResult:
    """For a text box: the state as the profile has it, else its code or its name; codes only if the country is known, never a number."""
    value = clean(to_fill.value, keeps_lines=False)
    home = to_fill.home_country
    code = _region_code(home, value) if home else None
    codes = [code] if code and not code.isdigit() else []
    return fit_texts([value, *codes, _region_name(home, code)] if home and code else [value], to_fill.field)


def location(to_fill: FieldToFill) -> FillResult:
    """The user's place in one text: as the profile has it, or the town with the state or the country if the field names one."""
    asked = f"{to_fill.field.label} {to_fill.field.placeholder}"
    after = [id_ for id_, words in _PLACES.items() if words.search(asked)]
    places = [to_fill.profile.get(id_, "") for id_ in ("address-level2", *after)]
    if not after or not all(places):
        return text(to_fill)
    code = country_code(places[-1]) if after[-1] == "country" and places[-1].isascii() and len(places[-1]) <= LONGEST_CODE else None
    return fit_texts([", ".join([*places[:-1], country_name(code) if code else places[-1]])], to_fill.field)


def spoken_language(to_fill: FieldToFill) -> FillResult:
    """For a text box: a language that the profile has as a code by its name, in the page's language or else its own (`Deutsch`)."""
    value = clean(to_fill.value, keeps_lines=False)
    name = _language_name(value, to_fill.field.lang) if _LANGUAGE_CODE.fullmatch(value) else ""
    is_code_box = to_fill.field.maxlength is not None and to_fill.field.maxlength <= LONGEST_CODE
    return fit_texts([value, name] if is_code_box else [name, value], to_fill.field)


def _language_name(code: str, page: str) -> str:
    """The name of a language by its ISO 639 code; "" for an unknown one."""
    for shown_in in (page, code):
        try:
            name = Locale.parse(code, sep="-").get_display_name(Locale.parse(shown_in, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
        if name:
            return name[:1].upper() + name[1:]
    return ""


def country_option(value: str, options: Sequence[Option]) -> Option | None:
    """The option that is the same country, by name or ISO 3166-1 code."""
    return _same_code(value, options, country_code)


def language_option(value: str, options: Sequence[Option]) -> Option | None:
    """The option that is the same language, by name or ISO 639 code."""
    return _same_code(value, options, lambda text: language(key(text)) or (text.lower() if len(text) == 2 else None))


def region_option(value: str, options: Sequence[Option], home_country: str | None) -> Option | None:
    """The option that is the same state or province, if the options are regions of the home country rather than another's.

    `MA` is Massachusetts, Maranhão and Málaga: the country whose regions most options are, by their texts or else their values, decides.
    """
    if not options:
        return None
    by_text = [_countries_with(text_of(option)) for option in options]
    by_value = [_countries_with(option.value) if not is_row_number(option) else frozenset[str]() for option in options]
    fitting = _fitting(by_text) or _fitting(by_value)
    candidates = (home_country,) if home_country else LIKELY_COUNTRIES
    home = next((country for country in candidates if country in fitting), None)
    if home is not None:
        return _same_code(value, options, partial(_region_code, home))
    return None if fitting else _same_name(value, options, home_country)


def _fitting(countries: Sequence[frozenset[str]]) -> frozenset[str]:
    """The countries of which most options are regions, if that is at least half of the options."""
    counts = Counter(country for found in countries for country in found)
    most = max(counts.values(), default=0)
    return frozenset(country for country, count in counts.items() if count == most and 2 * count >= len(countries))


def _same_name(value: str, options: Sequence[Option], home_country: str | None) -> Option | None:
    """The only option with the state's whole name, among options that are no country's regions: a name is clear where a code is not."""
    code = _region_code(home_country, value) if home_country else None
    names = {key(name) for name in (value, _region_name(home_country, code) if home_country and code else "") if len(name) > LONGEST_CODE}
    return only(option for option in options if key(text_of(option)) in names)


def _same_code(value: str, options: Sequence[Option], code_of: Callable[[str], str | None]) -> Option | None:
    """The first option whose text, or else whose value, has the same code as the value."""
    wanted = code_of(value)
    if wanted is None:
        return None
    by_text = (option for option in options if code_of(text_of(option)) == wanted)
    by_value = (option for option in options if not is_row_number(option) and code_of(option.value) == wanted)
    return next(by_text, None) or next(by_value, None)


def _region_code(country: str, text: str) -> str | None:
    """The second part of an ISO 3166-2 code (`CA` of `US-CA`), by name or code; `country` is an alpha-2 code.

    Either half of `CA - California` is understood.
    """
    codes = _region_codes(country)
    keys = (key(part) for part in (text, *_PARTS.split(text)))
    return next((codes[name] for found in keys for name in (found, _without_kind(found)) if name in codes), None)


@lru_cache(maxsize=4096)
def _countries_with(text: str) -> frozenset[str]:
    """The countries that have a region with this name or code; `text` is an option's."""
    if not text:
        return frozenset()
    keys = [key(part) for part in (text, *_PARTS.split(text))]
    index = _countries_by_region()
    found = (index.get(name) for written in keys for name in (written, _without_kind(written)))
    return next((countries for countries in found if countries), frozenset())


@cache
def _countries_by_region() -> Mapping[str, frozenset[str]]:
    """Countries by the key of a region's name or code; built in a tenth of a second, when the first state is chosen."""
    countries: dict[str, set[str]] = {}
    for country in {subdivision.country_code for subdivision in pycountry.subdivisions}:
        for name in _region_codes(country):
            countries.setdefault(name, set()).add(country)
    return {name: frozenset(found) for name, found in countries.items()}


@lru_cache(maxsize=256)
def _region_codes(country: str) -> dict[str, str]:
    """Codes of a country's states and provinces, by the keys of their names and codes."""
    codes = dict(REGION_ALIASES.get(country, {}))
    found = pycountry.subdivisions.get(country_code=country) or ()
    for subdivision in sorted(found, key=lambda one: one.code):  # a set: of two codes with one name, the first in every process
        code = subdivision.code.partition("-")[2]
        for written in (code, subdivision.code, subdivision.name):
            codes.setdefault(key(written), code)
    return codes


def _without_kind(name: str) -> str:
    return " ".join(word for word in name.split() if word not in KINDS_OF_REGION)


def _region_name(country: str, code: str) -> str:
    return str(pycountry.subdivisions.get(code=f"{country}-{code}").name)
