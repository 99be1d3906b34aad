"""Countries by any of their names and codes."""

import re
from functools import lru_cache

import pycountry

from fieldwise_inference.fill.names import key, territory

ALIASES = {
    "america": "US",
    "united states of america": "US",
    "us of a": "US",
    "uk": "GB",
    "great britain": "GB",
    "britain": "GB",
    "gb uk": "GB",
    "uae": "AE",
    "emirates": "AE",
    "korea": "KR",
    "republic of korea": "KR",
    "rok": "KR",
    "dprk": "KP",
    "holland": "NL",
    "netherlands": "NL",
    "turkey": "TR",
    "czech republic": "CZ",
    "russian federation": "RU",
    "ivory coast": "CI",
    "burma": "MM",
    "macedonia": "MK",
    "swaziland": "SZ",
    "cape verde": "CV",
    "east timor": "TL",
    "vatican": "VA",
    "holy see": "VA",
    "viet nam": "VN",
    "hong kong": "HK",
    "macao": "MO",
    "macau": "MO",
    "palestine": "PS",
    "dr congo": "CD",
    "drc": "CD",
    "ksa": "SA",
    "prc": "CN",
    "peoples republic of china": "CN",
    "mainland china": "CN",
    "deutschland": "DE",
    "eire": "IE",
    "republic of ireland": "IE",
    "アメリカ": "US",
    "イギリス": "GB",
    "米国": "US",
    "英国": "GB",
    "中国": "CN",
    "美国": "US",
    "미국": "US",
}
"""Everyday names that neither ISO 3166 nor CLDR lists."""

_BRACKETED = re.compile(r"[(\[（].*?[)\]）]")


@lru_cache(maxsize=1)
def _official() -> dict[str, str]:
    names: dict[str, str] = {}
    for country in pycountry.countries:
        for attribute in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
            if hasattr(country, attribute):
                names.setdefault(key(getattr(country, attribute)), country.alpha_2)
    return names


@lru_cache(maxsize=4096)
def _code_of(name: str) -> str | None:
    plain = name.removeprefix("the ")
    return ALIASES.get(plain) or _official().get(plain) or territory(plain)


def country_code(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country's name or code, in any of the languages; None for what is none."""
    return _code_of(key(text)) or _code_of(key(_BRACKETED.sub(" ", text)))


def country_name(code: str) -> str:
    """The everyday English name of a country by its alpha-2 code."""
    country = pycountry.countries.get(alpha_2=code)
    return str(getattr(country, "common_name", country.name))


def alpha_3(code: str) -> str:
    """The alpha-3 code of a country by its alpha-2 code."""
    return str(pycountry.countries.get(alpha_2=code).alpha_3)
