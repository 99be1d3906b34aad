"""`python -m tools.countries` prints the names of countries that `fieldwise_common/countries.json` holds, from ISO 3166 and CLDR."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping

import pycountry
from babel import Locale

from fieldwise_common.countries import FORM_LANGUAGES, KOSOVO, name_key

ENGLISH = ("en",)
ISO_NAMES = ("alpha_2", "alpha_3", "name", "common_name", "official_name")
"""Without the numeric code, which would turn the dial code `+372` into Ireland."""
CODES = frozenset(country.alpha_2 for country in pycountry.countries) | {KOSOVO.alpha_2}
"""Of countries; CLDR's other codes stand for regions and dependencies."""


def document() -> str:
    """The table as JSON text: name keys by code, those of English names and of ISO 3166 first, one code a line."""
    english = _keys(_cldr_names(ENGLISH)) | _keys(_iso_names())
    other = {key: code for key, code in _keys(_cldr_names(FORM_LANGUAGES)).items() if key not in english}
    sections = (f'  "{name}": {{\n{_lines(keys)}\n  }}' for name, keys in (("english", english), ("other", other)))
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _iso_names() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        yield from ((getattr(country, name), country.alpha_2) for name in ISO_NAMES if hasattr(country, name))


def _cldr_names(languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    for language in languages:
        yield from ((name, code) for code, name in Locale.parse(language).territories.items() if code in CODES)


def _keys(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Codes by name key; a key of two countries is left out (`Kongo`)."""
    found: dict[str, set[str]] = {}
    for name, code in names:
        found.setdefault(name_key(name), set()).add(code)
    return {key: codes.pop() for key, codes in found.items() if len(codes) == 1}


def _lines(keys: Mapping[str, str]) -> str:
    by_code: dict[str, list[str]] = {}
    for key, code in keys.items():
        by_code.setdefault(code, []).append(key)
    return ",\n".join(f'    "{code}": {json.dumps(sorted(by_code[code]), ensure_ascii=False)}' for code in sorted(by_code))


if __name__ == "__main__":
    sys.stdout.write(document())
