"""`python -m tools.option_names` prints the names that `fieldwise_inference/classify/option_names.json` holds, from ISO 3166 and CLDR."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pycountry
from babel import Locale
from babel.core import get_global

from fieldwise_common.countries import FORM_LANGUAGES
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill import choices

LANGUAGES = ("en", *FORM_LANGUAGES)
TOPICS = ("honorific", "gender", "marital", "degree", "employment", "yes-no")
"""The topics of `equivalents.json` whose answers no other list has."""
_SPELLINGS = re.compile(r"[\[\]/]")
"""ISO 3166 writes `Girona [Gerona]` and `Araba/Álava`."""
MIN_REGIONS = 3
"""Countries with fewer subdivisions have no list to choose from."""


def document() -> str:
    """The table as JSON text: keys of months, languages, currencies, answers, and each country's regions; each language's country."""
    table = {
        "month": _unique(_months()),
        "language": _unique(_languages()),
        "currency": sorted(currency.alpha_3.lower() for currency in pycountry.currencies),
        **{topic: _unique(_answers(topic)) for topic in TOPICS},
        "region": {code: keys for code, keys in _regions().items() if len(keys) >= MIN_REGIONS},
        "home": _homes(),
    }
    return json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def _months() -> Iterator[str]:
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                yield from Locale.parse(language).months[context][width].values()


def _languages() -> Iterator[str]:
    for language in LANGUAGES:
        yield from (name for code, name in Locale.parse(language).languages.items() if len(code) == 2)
    yield from (Locale.parse(language).get_display_name() or "" for language in LANGUAGES)


def _answers(topic: str) -> Iterator[str]:
    for answer, words in json.loads(Path(choices.__file__).with_name("equivalents.json").read_text("utf-8"))[topic].items():
        yield from (answer, *words)


def _regions() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for region in sorted(pycountry.subdivisions, key=lambda found: found.code):
        code = region.code.partition("-")[2]
        names.setdefault(region.country_code, []).extend(
            [*_SPELLINGS.split(region.name), *([code] if code.isalpha() and len(code) > 1 else [])]
        )
    return {country: _unique(own) for country, own in sorted(names.items())}


def _homes() -> dict[str, str]:
    """The country where most speakers of a language are, by CLDR's likely subtags: `hu` → `HU`."""
    likely = get_global("likely_subtags")
    return {language: likely[language].rpartition("_")[2] for language in sorted(likely) if language.isalpha() and len(language) == 2}


def _unique(texts: Iterable[str]) -> list[str]:
    return sorted({key for text in texts if (key := normalise(text)) and not key.isdigit()})


if __name__ == "__main__":
    sys.stdout.write(document())
