import pycountry
import pytest

from fieldwise_common.countries import country_code
from fieldwise_inference.fill.handlers.region import alpha_3, country_name


@pytest.mark.parametrize(
    ("text", "code", "name", "three"),
    [("Deutschland", "DE", "Germany", "DEU"), ("bolivia", "BO", "Bolivia", "BOL"), ("Kosovo", "XK", "Kosovo", "XKX")],
)
def test_a_country_has_a_code_and_an_everyday_name(text: str, code: str, name: str, three: str) -> None:
    assert country_code(text) == code
    assert (country_name(code), alpha_3(code)) == (name, three)


def test_every_country_is_found_by_the_name_it_is_filled_with() -> None:
    codes = [country.alpha_2 for country in pycountry.countries]

    assert [country_code(country_name(code)) for code in codes] == codes
    assert [country_code(alpha_3(code)) for code in codes] == codes
