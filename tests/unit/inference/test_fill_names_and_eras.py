"""Kana, second surnames, eras, house numbers and ethnicity: values that depend on what the field shows or on what is asked beside it."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.filling import NoEncoder, filled

from fieldwise_common.wire import FieldSlice, Match, MlFillRequest
from fieldwise_inference.fill.dispatch import fill

KATAKANA, HIRAGANA, HALF_WIDTH = "ガッツ ヤマダー", "がっつ やまだー", "ｶﾞｯﾂ ﾔﾏﾀﾞｰ"


def form(profile: Mapping[str, str], *fields: tuple[str, dict[str, Any]]) -> list[str]:
    """What each field of a form gets; the reason where it gets nothing."""
    matches = tuple(
        Match(selector=f"#f{n}", canonical=canonical, field=FieldSlice.model_validate({"type": "text", **field}))
        for n, (canonical, field) in enumerate(fields)
    )
    answer = fill(MlFillRequest(user_profile=dict(profile), matches=matches), NoEncoder())
    found = {fill.selector: fill.text or fill.value for fill in answer.fills} | {one.selector: one.reason for one in answer.unfilled}
    return [found[match.selector] for match in matches]


def select(*texts: str) -> dict[str, Any]:
    return {"type": "select-one", "options": [{"value": str(n), "text": text} for n, text in enumerate(texts)]}


@pytest.mark.parametrize("value", [KATAKANA, HIRAGANA, HALF_WIDTH])
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"label": "フリガナ"}, KATAKANA),
        ({"label": "Name (furigana)"}, KATAKANA),
        ({"label": "お名前（全角カナ）"}, KATAKANA),
        ({"label": "ふりがな"}, HIRAGANA),
        ({"label": "氏名（かな）"}, HIRAGANA),
        ({"label": "フリガナ（ひらがなで入力）"}, HIRAGANA),
        ({"label": "Name", "placeholder": "やまだ たろう"}, HIRAGANA),
        ({"label": "氏名（半角カナ）"}, HALF_WIDTH),
        ({"label": "Name", "placeholder": "ﾔﾏﾀﾞ"}, HALF_WIDTH),
        ({"label": "Reading", "pattern": "[ぁ-ゖー ]+"}, HIRAGANA),
    ],
)
def test_a_reading_is_written_in_the_script_that_the_field_shows(value: str, field: dict[str, str], expected: str) -> None:
    assert filled("name-kana", value, type="text", **field) == expected


@pytest.mark.parametrize(
    ("birthday", "options", "expected"),
    [
        ("1991-04-07", ("明治", "大正", "昭和", "平成", "令和"), "平成"),
        ("1989-01-07", ("昭和", "平成"), "昭和"),
        ("1989-01-08", ("昭和", "平成"), "平成"),
        ("1991-04-07", ("選択してください", "昭和 (1926-1989)", "平成 (1989-2019)"), "平成 (1989-2019)"),
        ("1991-04-07", ("S", "H", "R"), "H"),
        ("1926-12-25", ("Taisho", "Showa"), "Showa"),
        ("1991-04-07", ("西暦", "昭和", "平成"), "平成"),
        ("1991-04-07", ("民國", "西元"), "民國"),
        ("1901-01-01", ("民國", "西元"), "no-matching-option"),
        ("1867-12-31", ("明治", "大正"), "no-matching-option"),
        ("1991-04-07", ("昭和", "大正"), "no-matching-option"),
        ("absurd", ("昭和", "平成"), "no-matching-option"),
    ],
)
def test_the_era_of_a_birthday_is_chosen(birthday: str, options: tuple[str, ...], expected: str) -> None:
    assert form({"bday-era": birthday}, ("bday-era", select(*options))) == [expected]


def test_the_era_of_a_birthday_is_typed_as_there_is_room() -> None:
    assert filled("bday-era", "1991-04-07", type="text") == "平成"
    assert filled("bday-era", "1991-04-07", type="text", pattern="[MTSHR]") == "H"
    assert filled("bday-era", "someday", type="text") == "refused: bad-date"


BORN = {"bday": "1991-04-07", "bday-era": "1991-04-07", "bday-year": "1991", "bday-month": "4"}
JAPANESE, TAIWANESE = select("昭和", "平成", "令和"), select("民國", "西元")


@pytest.mark.parametrize(
    ("era", "year", "expected"),
    [
        (JAPANESE, {}, "3"),
        (TAIWANESE, {}, "80"),
        (JAPANESE, {"maxlength": 2, "pattern": r"\d{2}"}, "03"),
        (JAPANESE, select("元年", "2年", "3年", "4年"), "3年"),
        (JAPANESE, select("1990", "1991", "1992"), "1991"),
        (JAPANESE, select("1990年（平成2年）", "1991年（平成3年）"), "1991年（平成3年）"),
        (JAPANESE, select("1", "2"), "no-matching-option"),
        ({"label": "元号"}, {}, "3"),
    ],
)
def test_a_year_beside_an_era_is_the_eras_year(era: dict[str, Any], year: dict[str, Any], expected: str) -> None:
    assert form(BORN, ("bday-era", era), ("bday-year", year), ("bday-month", {}))[1:] == [expected, "4"]


def test_the_first_year_of_an_era_has_its_own_word() -> None:
    born = dict.fromkeys(("bday", "bday-era"), "2019-06-01") | {"bday-year": "2019"}

    assert form(born, ("bday-era", JAPANESE), ("bday-year", select("元年", "2年"))) == ["令和", "元年"]


def test_a_year_without_an_era_beside_it_is_as_ever() -> None:
    assert form(BORN, ("bday-year", {}), ("bday-month", {})) == ["1991", "4"]


@pytest.mark.parametrize(
    ("family", "second", "expected"),
    [
        ("García López", "López", ["García", "López"]),
        ("García de la Cruz", "de la Cruz", ["García", "de la Cruz"]),
        ("López", "López", ["López", "López"]),
        ("MacDonald", "Donald", ["MacDonald", "Donald"]),
        ("García", "", ["García", "no-value"]),
    ],
)
def test_the_first_surname_goes_alone_where_the_second_has_its_own_field(family: str, second: str, expected: list[str]) -> None:
    profile = {"family-name": family, "second-family-name": second}

    assert form(profile, ("family-name", {}), ("second-family-name", {})) == expected
    assert form(profile, ("family-name", {})) == [family]


@pytest.mark.parametrize(
    ("country", "number", "unit", "expected"),
    [("NL", "48-2", "2", "48"), ("NL", "48B", "B", "48"), ("PL", "12/5", "5", "12"), ("US", "12A", "A", "12A"), ("NL", "125", "5", "125")],
)
def test_a_house_number_goes_without_the_unit_that_has_its_own_field(country: str, number: str, unit: str, expected: str) -> None:
    profile = {"country": country, "house-number": number, "unit": unit}

    assert form(profile, ("house-number", {}), ("unit", {})) == [expected, unit]
    assert form(profile, ("house-number", {})) == [number]


RACE = {"ethnicity": "Two or More Races", "race-ethnicity": "Two or More Races"}


@pytest.mark.parametrize(
    ("profile", "options", "expected"),
    [
        (RACE | {"hispanic-latino": "Yes"}, ("Hispanic or Latino", "Not Hispanic or Latino"), "Hispanic or Latino"),
        (RACE | {"hispanic-latino": "No"}, ("Hispanic or Latino", "Not Hispanic or Latino"), "Not Hispanic or Latino"),
        (RACE | {"hispanic-latino": "Yes"}, ("White", "Hispanic or Latino", "Two or More Races"), "Two or More Races"),
        (RACE, ("Hispanic or Latino", "Not Hispanic or Latino"), "no-matching-option"),
    ],
)
def test_ethnicity_is_hispanic_origin_where_only_that_is_offered(profile: dict[str, str], options: tuple[str, ...], expected: str) -> None:
    radios = [("ethnicity", {"type": "radio", "name": "eth", "label": text, "group": "Ethnicity"}) for text in options]
    ticked = [text for text, result in zip(options, form(profile, *radios), strict=True) if result == text]

    assert form(profile, ("ethnicity", select(*options))) == [expected]
    assert ticked == [text for text in options if text == expected]
