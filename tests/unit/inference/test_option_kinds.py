"""What a field's options are, in any language."""

import json

import pytest

from fieldwise_common.decision_log import field_cell
from fieldwise_common.wire import FieldDescriptor, Option
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
        (("kg", "lb"), "other"),
        (("in", "cm"), "other"),
        (("IN", "CM"), "country"),
        (("So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."), "other"),
        (("su", "ma", "ti", "ke", "to", "pe", "la"), "other"),
        (("Mỹ", "Úc", "Đức"), "country"),
        (("All", "Top", "New"), "other"),
        (("中国+86", "日本+81"), "dial-code"),
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
    [
        *(("+40", 40), ("0049", 49), ("Polska +48", 48), ("40", None), ("+40 / +36", None), ("+999", None), ("phone", None)),
        *(("+400000", None), ("0.0049 €", None), ("C++20", None), ("10+49", None), ("Tel.:+49", 49)),
    ],
)
def test_dial_codes_are_those_of_countries(text: str, expected: int | None) -> None:
    assert dial_code(text) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([f"Favourite {number}" for number in range(9)] + ["France", "Germany", "Italy", "Spain", "Poland", "Greece"] * 9, "country"),
        ([str(year) for year in range(2026, 1919, -1)], "year-of-life"),
        ([str(day) for day in range(1, 32)], "day"),
        ([*(f"Somewhere {number}" for number in range(15)), "Ohio", "Texas", "Utah", "Iowa", "Maine", "Idaho"] * 5, "other"),
    ],
)
def test_the_log_has_the_options_that_tell_the_kind(texts: list[str], expected: str) -> None:
    """Else a logged decision could not be made again."""
    field = FieldDescriptor.model_validate({"selector": "#a", "options": texts})
    logged = FieldDescriptor.model_validate({"selector": "#a", **json.loads(field_cell(field))})

    assert option_kind(field.options).kind == option_kind(logged.options).kind == expected


def test_of_long_texts_the_beginning_is_read() -> None:
    """They are cached, and values can have thousands of characters."""
    assert kind(*(f"+40 {'x' * 100} {number}" for number in range(3))) == "dial-code"
    assert kind(*(f"{'x' * 100} +40 {number}" for number in range(3))) == "other"
