import pycountry
import pytest
from tests.support.filling import filled

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


def states(country: str, *, with_texts: bool = True) -> list[dict[str, str]]:
    """The regions of a country as the options of a select: the code as value, the name as text."""
    regions = sorted(pycountry.subdivisions.get(country_code=country), key=lambda region: region.code)
    codes = [(region.code.partition("-")[2], region.name) for region in regions]
    return [{"value": code, "text": name if with_texts else code} for code, name in codes]


@pytest.mark.parametrize("country", ["BR", "ES", "MA", "IT", "IN"])
@pytest.mark.parametrize("with_texts", [True, False])
def test_a_state_is_not_chosen_among_another_countrys(country: str, with_texts: bool) -> None:
    options = states(country, with_texts=with_texts)

    assert filled("address-level1", "MA", profile={"country": "US"}, type="select", options=options) == "refused: no-matching-option"


@pytest.mark.parametrize(("country", "value"), [("US", "MA"), ("BR", "MA"), ("ES", "MA"), ("CA", "ON"), ("AU", "WA"), ("MX", "CMX")])
@pytest.mark.parametrize("with_texts", [True, False])
def test_a_state_is_chosen_among_its_own_countrys(country: str, value: str, with_texts: bool) -> None:
    options = states(country, with_texts=with_texts)

    assert filled("address-level1", value, profile={"country": country}, type="select", options=options) == value


def test_a_whole_name_is_clear_among_regions_of_no_country() -> None:
    options = ["Ontario", "Elsewhere", "Nowhere", "Anywhere"]

    assert filled("address-level1", "ON", profile={"country": "CA"}, type="select", options=options) == "Ontario"
    assert filled("address-level1", "ON", profile={"country": "CA"}, type="select", options=["ON", "OFF", "Auto"]) != "OFF"


def test_a_short_country_in_its_own_letters_is_a_name_and_a_state_is_no_number() -> None:
    assert filled("country", "日本", type="text") == "日本"
    assert filled("country", "JP", type="text") == "Japan"
    assert filled("address-level1", "mazowieckie", profile={"country": "PL"}, type="text", maxlength=2) == "refused: too-long"
    assert filled("address-level1", "Bayern", profile={"country": "DE"}, type="text", maxlength=2) == "BY"


@pytest.mark.parametrize(
    ("value", "field", "written"),
    [
        ("de", {}, "Deutsch"),
        ("de", {"lang": "en"}, "German"),
        ("de", {"lang": "zz-top"}, "Deutsch"),
        ("pt-BR", {"lang": "en-US"}, "Portuguese (Brazil)"),
        ("ja", {}, "日本語"),
        ("de", {"maxlength": 2}, "de"),
        ("Nederlands", {}, "Nederlands"),
        ("xx", {}, "xx"),
    ],
)
def test_a_language_is_typed_by_its_name(value: str, field: dict[str, object], written: str) -> None:
    assert filled("language", value, type="text", label="Language", **field) == written


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("Location", "São Paulo, SP"),
        ("City, Country", "São Paulo, Brasil"),
        ("City, State", "São Paulo, SP"),
        ("City, state and country", "São Paulo, SP, Brasil"),
        ("Cidade / País", "São Paulo, Brasil"),
    ],
)
def test_a_place_is_written_with_what_the_field_names(label: str, written: str) -> None:
    profile = {"address-level2": "São Paulo", "address-level1": "SP", "country": "Brasil"}

    assert filled("location", "São Paulo, SP", profile=profile, type="text", label=label) == written
    assert filled("location", "São Paulo, SP", profile={}, type="text", label=label) == "São Paulo, SP"


def test_a_country_after_the_town_is_a_name() -> None:
    profile = {"address-level2": "Boston", "country": "US"}

    assert filled("location", "Boston, MA", profile=profile, type="text", label="City, Country") == "Boston, United States"
