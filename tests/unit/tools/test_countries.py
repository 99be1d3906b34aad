from pathlib import Path

import pycountry
from babel import Locale
from tools.countries import CODES, LANGUAGES, document

from fieldwise_common import countries


def test_the_committed_table_is_up_to_date() -> None:
    committed = Path(countries.__file__).with_name("countries.json")

    assert committed.read_text(encoding="utf-8") == document(), f"run: python -m tools.countries > {committed.name}"


def test_no_name_of_cldr_is_taken_for_another_country() -> None:
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            assert code not in CODES or countries.country_code(name) in {code, None}, (language, name)


def test_every_country_is_found_by_every_name_that_iso_gives_it() -> None:
    names = ("alpha_2", "alpha_3", "name", "official_name", "common_name")

    found = {(c.alpha_2, countries.iso_country_code(getattr(c, n))) for c in pycountry.countries for n in names if hasattr(c, n)}

    assert found == {(c.alpha_2, c.alpha_2) for c in pycountry.countries}
