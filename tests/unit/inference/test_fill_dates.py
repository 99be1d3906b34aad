from datetime import date as calendar_date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.filling import filled, warned

from fieldwise_inference.fill.dates.eras import ERAS, era_of, years_written
from fieldwise_inference.fill.dates.formats import COMMON, DateFormat
from fieldwise_inference.fill.dates.values import EARLIEST, LATEST, PartialDate, date_of, part_of_date

BIRTHDAY = "1990-03-04"


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        ("DD/MM/YYYY", "04/03/1990"),
        ("MM-DD-YYYY", "03-04-1990"),
        ("YYYY.MM.DD", "1990.03.04"),
        ("dd.mm.yyyy", "04.03.1990"),
        ("d/m/yyyy", "4/3/1990"),
        ("JJ.MM.AAAA", "04.03.1990"),
        ("JJ/MM/AAAA", "04/03/1990"),
        ("TT.MM.JJJJ", "04.03.1990"),
        ("dd-mm-jjjj", "04-03-1990"),
        ("GG/MM/AAAA", "04/03/1990"),
        ("gg.aa.yyyy", "04.03.1990"),
        ("pp.kk.vvvv", "04.03.1990"),
        ("zz.ll.aaaa", "04.03.1990"),
        ("éééé.hh.nn", "1990.03.04"),
        ("ДД.ММ.ГГГГ", "04.03.1990"),
        ("ΗΗ/ΜΜ/ΕΕΕΕ", "04/03/1990"),
        ("ÅÅÅÅ-MM-DD", "1990-03-04"),
        ("YYYYMMDD", "19900304"),
        ("DDMMYYYY", "04031990"),
        ("DD MMM YYYY", "04 Mar 1990"),
        ("MMMM YYYY", "March 1990"),
        ("mm/yy", "03/90"),
        ("MM/JJJJ", "03/1990"),
        ("MM", "03"),
        ("YYYY", "1990"),
        ("mm/dd/yyyy (optional)", "03/04/1990"),
        ("31/12/1990", "04/03/1990"),
        ("12/31/1990", "03/04/1990"),
        ("e.g. 1990/01/31", "1990/03/04"),
        ("01.02.1990", "04.03.1990"),
        ("06/2015", "03/1990"),
    ],
)
def test_a_text_box_gets_the_format_its_placeholder_shows(shown: str, written: str) -> None:
    assert filled("bday", BIRTHDAY, type="text", placeholder=shown) == written
    assert warned("bday", BIRTHDAY, type="text", placeholder=shown) is None


def test_the_label_shows_the_format_where_the_placeholder_does_not() -> None:
    assert filled("bday", BIRTHDAY, type="text", placeholder="Type here", label="Date of birth (MM/DD/YYYY)") == "03/04/1990"


@pytest.mark.parametrize("shown", ["", "Date", "Day", "Payday", "d", "enter date", "01/02/1990", "S55.01.01", "MM/MM", "45/2019"])
def test_a_box_that_shows_no_format_gets_iso_and_a_warning(shown: str) -> None:
    assert filled("bday", BIRTHDAY, type="text", placeholder=shown) == BIRTHDAY
    assert warned("bday", BIRTHDAY, type="text", placeholder=shown) == "date-format-unknown"


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"\d{4}-\d{2}-\d{2}", "1990-03-04"),
        (r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])/\d{4}", "03/04/1990"),
        (r"(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.\d{4}", "04.03.1990"),
        (r"(0[1-9]|1[0-2])/\d{4}", "03/1990"),
        (r"\d{2}/\d{2}/\d{4}", "refused: pattern-mismatch"),
        (r".*", "1990-03-04"),
    ],
)
def test_a_pattern_decides_if_it_allows_parts_in_one_order_only(pattern: str, written: str) -> None:
    assert filled("bday", BIRTHDAY, type="text", pattern=pattern) == written


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("date", "1990-03-04", "1990-03-04"),
        ("month", "1990-03-04", "1990-03"),
        ("month", "1990-03", "1990-03"),
        ("week", "2020-03-04", "2020-W10"),
        ("date", "1990-03", "refused: incomplete-date"),
        ("month", "1990", "refused: incomplete-date"),
        ("week", "1990-03", "refused: incomplete-date"),
        ("date", "1990-02-30", "refused: bad-date"),
        ("date", "soon", "refused: bad-date"),
        ("datetime-local", "1990-03-04", "refused: not-fillable"),
    ],
)
def test_native_inputs_take_iso_8601(kind: str, value: str, written: str) -> None:
    assert filled("bday", value, type=kind, placeholder="DD/MM/YYYY", maxlength=3) == written


def test_a_date_input_gets_only_dates() -> None:
    assert filled("given-name", "Ada", type="date") == "refused: bad-date"


@pytest.mark.parametrize(
    ("value", "field", "written"),
    [
        ("2020-03", {"placeholder": "MM/YYYY"}, "03/2020"),
        ("2020-03", {"placeholder": "DD/MM/YYYY"}, "refused: incomplete-date"),
        ("2020-03", {}, "2020-03"),
        ("2020", {}, "2020"),
        ("1990-03-04", {"maxlength": 8}, "19900304"),
        ("1990-03-04", {"maxlength": 4}, "refused: too-long"),
        ("Immediately", {}, "Immediately"),
        ("Immediately", {"placeholder": "DD/MM/YYYY"}, "refused: bad-date"),
        ("03/04/2020", {}, "refused: bad-date"),
    ],
)
def test_unknown_parts_of_a_date_are_not_made_up_and_nothing_is_cut(value: str, field: dict[str, object], written: str) -> None:
    assert filled("start-date", value, type="text", **field) == written


@pytest.mark.parametrize(
    ("canonical", "value", "field", "written"),
    [
        ("bday-day", "4", {}, "4"),
        ("bday-day", "4", {"maxlength": 2}, "04"),
        ("bday-day", "04", {"type": "number", "maxlength": 2}, "4"),
        ("bday-day", "4", {"placeholder": "DD"}, "04"),
        ("bday-day", "4", {"placeholder": "TT"}, "04"),
        ("bday-day", "4", {"pattern": "[0-9]{2}"}, "04"),
        ("bday-day", "32", {}, "refused: bad-date"),
        ("bday-month", "3", {"placeholder": "MM"}, "03"),
        ("bday-month", "March", {}, "3"),
        ("bday-month", "März", {"type": "number"}, "3"),
        ("bday-month", "3", {"placeholder": "MMM"}, "Mar"),
        ("bday-month", "3", {"pattern": "[A-Z][a-z]{2}"}, "Mar"),
        ("bday-month", "3", {"pattern": "[A-Z][a-z]{3,}"}, "March"),
        ("bday-month", "13", {}, "refused: bad-date"),
        ("bday-year", "1990", {}, "1990"),
        ("bday-year", "1990", {"maxlength": 2}, "90"),
        ("bday-year", BIRTHDAY, {}, "1990"),
        ("bday-day", "1990-03", {}, "refused: incomplete-date"),
        ("graduation-year", "2024", {"type": "number"}, "2024"),
        ("graduation-year", "soon", {}, "refused: bad-date"),
    ],
)
def test_a_box_for_a_part_of_a_date_gets_the_format_it_expects(canonical: str, value: str, field: dict[str, object], written: str) -> None:
    assert filled(canonical, value, **{"type": "text", **field}) == written


MONTHS_FROM_ZERO = [
    {"value": "", "text": "Monat"},
    *({"value": str(n), "text": text} for n, text in enumerate(["Januar", "Februar", "März", "April", "Mai", "Juni"])),
]


@pytest.mark.parametrize(
    ("canonical", "value", "options", "chosen"),
    [
        ("bday-month", "3", MONTHS_FROM_ZERO, "2"),
        ("bday-month", "03", ["01", "02", "03", "04"], "03"),
        ("bday-month", "March", ["Jan", "Feb", "Mar"], "Mar"),
        ("bday-month", "3", ["1月", "2月", "3月"], "3月"),
        ("bday-month", "3", ["tháng 1", "tháng 2", "tháng 3"], "tháng 3"),
        ("bday-month", "3", ["01 - January", "02 - February", "03 - March"], "03 - March"),
        ("bday-month", "3", [{"value": str(n), "text": chr(96 + n)} for n in range(1, 13)], "3"),
        ("bday-month", "3", [{"value": str(n), "text": chr(97 + n)} for n in range(12)], "refused: no-matching-option"),
        ("bday-day", "4", ["Day", *(f"{n:02d}" for n in range(1, 32))], "04"),
        ("bday-day", "1", ["1st", "2nd", "3rd"], "1st"),
        ("bday-year", "1990", ["Year", "1989", "1990"], "1990"),
        ("bday-year", "1990", ["89", "90"], "90"),
        ("bday-year", "soon", ["1989", "1990"], "refused: no-matching-option"),
        ("graduation-year", "2024", ["2024年", "2025年"], "2024年"),
        ("job-start-date", "2020-03", ["Month", "January", "February", "March"], "March"),
        ("job-start-date", "2020-03", ["2019", "2020"], "2020"),
        ("job-start-date", "2020-03", [str(n) for n in range(1, 32)], "refused: no-matching-option"),
        ("job-start-date", "2020-03", [str(n) for n in range(1, 13)], "3"),
        ("job-start-date", "2020-03", ["60", "90"], "refused: no-matching-option"),
        ("job-start-date", "2020-03", [], "refused: no-matching-option"),
        ("start-date", "Immediately", ["Immediately", "In a month"], "Immediately"),
    ],
)
def test_parts_of_a_date_are_found_among_options(canonical: str, value: str, options: list[object], chosen: str) -> None:
    assert filled(canonical, value, type="select-one", options=options) == chosen


def test_dates_are_read_whole_or_in_part() -> None:
    assert date_of("2020-03-04T10:00:00Z") == PartialDate(2020, 3, 4)
    assert date_of("20200304") == PartialDate(2020, 3, 4)
    assert date_of("0000-01-01") is None
    assert part_of_date("month", "2020-03-04") == PartialDate(2020, 3, 4)
    assert part_of_date("month", "Octember") is None


@given(st.dates(calendar_date(EARLIEST, 1, 1), calendar_date(LATEST, 12, 31)), st.sampled_from(COMMON))
def test_every_common_format_contains_the_year(day: object, form: DateFormat) -> None:
    iso = str(day)
    date = date_of(iso)

    assert date is not None
    written = form.render(date)

    year = str(date.year).zfill(4)
    assert written is not None
    assert year in written or year[2:] in written


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (["昭和63年", "平成元年", "平成3年", "平成4年"], "平成3年"),
        (["平成2年（1990年）", "平成3年（1991年）"], "平成3年（1991年）"),
        (["H2", "H3"], "H3"),
        (["昭和2年", "昭和3年"], "refused: no-matching-option"),
    ],
)
def test_a_year_is_found_by_its_era(options: list[str], chosen: str) -> None:
    assert filled("bday-year", "1991", type="select", options=options) == chosen


def test_eras_change_within_a_year() -> None:
    assert [era_of(PartialDate(1989, 1, day)) for day in (7, 8)] == [(ERAS[2], 64), (ERAS[1], 1)]
    assert era_of(PartialDate(1989)) is None
    assert era_of(PartialDate(1850, 1, 1)) is None
    assert years_written("昭和64年") == years_written("平成元年") == {1989}


def test_months_may_be_counted_from_zero() -> None:
    assert filled("bday-month", "4", type="select", options=[str(number) for number in range(12)]) == "3"


@pytest.mark.parametrize("value", ["0000-01-01", "1066-10-14", "9999-12-31", "2026-02-30", "2026-13"])
def test_an_absurd_date_is_not_filled(value: str) -> None:
    assert filled("start-date", value, type="text") == "refused: bad-date"
    assert filled("start-date", value, type="date") == "refused: bad-date"


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("de-AT", "04.03.1990"),
        ("en-US", "03/04/1990"),
        ("en-GB", "04/03/1990"),
        ("hu-HU", "1990.03.04"),
        ("ko-KR", "1990.03.04"),
        ("ja-JP", "1990/03/04"),
        ("no-NO", "04.03.1990"),
        ("bg-BG", "04.03.1990"),
        ("de_AT", "04.03.1990"),
        ("NO-NO", "04.03.1990"),
        ("sr-Latn-RS", "04.03.1990"),
        ("en", BIRTHDAY),
        ("en-001", BIRTHDAY),
        ("es-419", BIRTHDAY),
        ("en-US-x-foo", BIRTHDAY),
        ("th-TH", BIRTHDAY),
        ("fa-IR", BIRTHDAY),
        ("xx-YY", BIRTHDAY),
        ("not a tag", BIRTHDAY),
        ("", BIRTHDAY),
    ],
)
def test_a_box_that_shows_no_format_gets_the_date_as_its_forms_country_writes_it(lang: str, written: str) -> None:
    assert filled("bday", BIRTHDAY, type="text", label="?", lang=lang) == written
    assert warned("bday", BIRTHDAY, type="text", label="?", lang=lang) == "date-format-unknown"


def test_a_date_that_is_too_long_as_its_country_writes_it_is_written_shorter() -> None:
    assert filled("bday", BIRTHDAY, type="text", label="?", lang="de-AT", maxlength=8) == "19900304"


def test_what_a_box_shows_outweighs_its_country() -> None:
    assert filled("bday", BIRTHDAY, type="text", placeholder="MM/DD/YYYY", lang="de-DE") == "03/04/1990"
