"""`python -m tools.countries` prints the names of countries that `fieldwise_common/countries.json` holds, from ISO 3166 and CLDR."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping

import pycountry
from babel import Locale

from fieldwise_common.countries import FORM_LANGUAGES, KOSOVO, name_key

ISO_NAMES = ("name", "common_name", "official_name")
"""Names, that is: the codes are a section of their own."""
LANGUAGES = ("en", *FORM_LANGUAGES)
CODES = {country.alpha_2: [country.alpha_2, country.alpha_3] for country in pycountry.countries} | {
    KOSOVO.alpha_2: [KOSOVO.alpha_2, KOSOVO.alpha_3]
}
"""Of countries; CLDR's other codes stand for regions."""


def document() -> str:
    """The table as JSON text, by alpha-2 code, one a line: the codes, the names of ISO 3166, and those that only CLDR has."""
    iso = _keys(_iso_names())
    other = {key: code for key, code in _keys(_cldr_names(LANGUAGES)).items() if key not in iso}
    sections = {"codes": CODES, "iso": _by_code(iso), "other": _by_code(other)}
    return "{\n" + ",\n".join(f'  "{name}": {{\n{_lines(section)}\n  }}' for name, section in sections.items()) + "\n}\n"


def _iso_names() -> Iterator[tuple[str, str]]:
    for country in (*pycountry.countries, KOSOVO):
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


def _by_code(keys: Mapping[str, str]) -> Mapping[str, list[str]]:
    return {code: sorted(key for key, own in keys.items() if own == code) for code in sorted(set(keys.values()))}


def _lines(section: Mapping[str, list[str]]) -> str:
    return ",\n".join(f'    "{code}": {json.dumps(section[code], ensure_ascii=False)}' for code in sorted(section))


if __name__ == "__main__":
    sys.stdout.write(document())
