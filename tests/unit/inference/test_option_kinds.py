"""What a field's options are, in any language."""

import pytest

from fieldwise_common.wire import Option
from fieldwise_inference.classify.option_kinds import KINDS, OptionKind, dial_code, option_kind


def kind(*texts: str) -> str:
    return option_kind([Option(text=text) for text in texts]).kind


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("January", "February", "March"), "month"),
        (("Seçiniz", "Ocak", "Şubat", "Mart"), "month"),
        (("1月", "2月", "3月"), "month"),
        (("sty", "lut", "mar", "kwi"), "month"),
        (tuple(f"{number:02}" for number in range(1, 13)), "month-number"),
        (tuple(str(number) for number in range(1, 32)), "day"),
        (("Jahr", *(str(year) for year in range(2010, 1930, -1))), "year-of-life"),
        (tuple(str(year) for year in range(2026, 2037)), "year-ahead"),
        (tuple(str(year) for year in range(1980, 2027)), "year"),
        (("România", "Ungaria", "Bulgaria"), "country"),
        (("Maa", "Suomi", "Ruotsi", "Viro"), "country"),
        (("+40", "+36", "+359"), "dial-code"),
        (("România (+40)", "Magyarország (+36)"), "dial-code"),
        (("Kies", "Noord-Holland", "Utrecht", "Gelderland"), "region"),
        (("AL", "AK", "AZ", "AR", "CA"), "region"),
        (("Muž", "Žena"), "gender"),
        (("М", "Ж"), "gender"),
        (("Mr", "Mrs", "Ms", "Dr"), "honorific"),
        (("Ledig", "Verheiratet", "Geschieden"), "marital"),
        (("Oui", "Non"), "yes-no"),
        (("Deutsch", "Französisch", "Italienisch"), "language"),
        (("EUR", "RON", "USD"), "currency"),
        (("0", "1", "2", "3"), "number"),
        (("Small", "Medium", "Large"), "other"),
        (("Dog", "Cat"), "other"),
        (("Day", "Night"), "other"),
        ((), ""),
    ],
)
def test_options_are_known_by_their_names(texts: tuple[str, ...], expected: str) -> None:
    assert kind(*texts) == expected
    assert expected in KINDS


def test_regions_tell_their_country() -> None:
    provinces = [
        Option(text=name, value=str(number)) for number, name in enumerate(("Barcelona", "Girona", "Lleida", "Tarragona", "Madrid"))
    ]

    assert option_kind(provinces) == OptionKind("region", "ES")


def test_two_regions_are_too_few_to_tell_a_country() -> None:
    assert option_kind([Option(text="Ontario"), Option(text="Quebec")]).country is None


def test_a_long_list_is_read_all_over() -> None:
    favoured = ["Choose", "Most chosen", "-----"]
    countries = ["France", "Germany", "Italy", "Spain", "Poland", "Greece", "Japan", "Brazil", "Chile", "Peru"] * 20

    assert kind(*favoured, *countries) == "country"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("+40", 40), ("0049", 49), ("Polska +48", 48), ("40", None), ("+40 / +36", None), ("+999", None), ("phone", None), ("+400000", None)],
)
def test_dial_codes_are_those_of_countries(text: str, expected: int | None) -> None:
    assert dial_code(text) == expected
