"""States, provinces, prefectures and the like, by name and code within their country."""

import re
from functools import lru_cache

import pycountry

from fieldwise_inference.fill.knowledge.keys import key

ALIASES = {"US": {"washington dc": "DC", "washington district of columbia": "DC"}, "CA": {"pei": "PE", "newfoundland": "NL"}}
KIND_WORDS = frozenset("state province prefecture region county oblast territory".split())

_PARTS = re.compile(r"\s[-–—]\s|[()\[\],/|]")


@lru_cache(maxsize=64)
def _by_key(country: str) -> dict[str, str]:
    found = dict(ALIASES.get(country, {}))
    for subdivision in pycountry.subdivisions.get(country_code=country) or ():
        code = subdivision.code.partition("-")[2]
        for text in (code, subdivision.code, subdivision.name):
            found.setdefault(key(text), code)
    return found


def _bare(name: str) -> str:
    return " ".join(word for word in name.split() if word not in KIND_WORDS)


def subdivision_code(country: str, text: str) -> str | None:
    """The part after the country of a subdivision's ISO 3166-2 code, by name or code; `country` is alpha-2.

    `CA - California` is understood as either of its parts.
    """
    known = _by_key(country)
    names = (key(part) for part in (text, *_PARTS.split(text)))
    return next((known[n] for name in names for n in (name, _bare(name)) if n in known), None)


def subdivision_name(country: str, code: str) -> str:
    """A subdivision's name by its code within the country."""
    return str(pycountry.subdivisions.get(code=f"{country}-{code}").name)
