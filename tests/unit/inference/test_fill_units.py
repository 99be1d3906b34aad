import pytest
from tests.support.filling import filled

UNKNOWN = "refused: unit-unknown"


@pytest.mark.parametrize(
    ("value", "label", "written"),
    [
        ("4 weeks", "Notice period (in days)", "28"),
        ("4 weeks", "Notice period (weeks)", "4"),
        ("4 weeks", "Notice period in months", "1"),
        ("1 month", "Notice period (in days)", "30"),
        ("30 days", "Notice period (months)", "1"),
        ("3 months", "Kündigungsfrist (Wochen)", "12"),
        ("2 Wochen", "Kündigungsfrist in Tagen", "14"),
        ("1 mois", "Préavis (jours)", "30"),
        ("2 semanas", "Aviso previo (días)", "14"),
        ("Immediately", "Notice period (days)", "0"),
        ("6 weeks", "Notice period (months)", UNKNOWN),
        ("10 days", "Notice period (weeks)", UNKNOWN),
        ("5 months", "Notice period (weeks)", UNKNOWN),
        ("4 weeks", "Notice period", UNKNOWN),
        ("4 weeks", "Notice period (days/weeks)", UNKNOWN),
        ("a while", "Notice period (days)", UNKNOWN),
        ("4 fortnights", "Notice period (days)", UNKNOWN),
        ("9999 years", "Notice period (days)", UNKNOWN),
        ("30", "Notice period (days)", UNKNOWN),
        ("30", "Notice period", "30"),
    ],
)
def test_a_number_box_gets_the_notice_period_in_its_own_unit(value: str, label: str, written: str) -> None:
    assert filled("notice-period", value, type="number", label=label) == written


def test_a_notice_period_is_chosen_in_its_own_unit_if_there_is_that_option() -> None:
    assert filled("notice-period", "1 month", type="select-one", options=["2 weeks", "4 weeks", "1 month", "2 months"]) == "1 month"
    assert filled("notice-period", "4 weeks", type="select-one", options=["2 weeks", "1 month", "4 weeks"]) == "4 weeks"


@pytest.mark.parametrize("key", ["placeholder", "described_by", "nearby", "group"])
def test_the_unit_is_read_from_any_text_near_the_field(key: str) -> None:
    assert filled("notice-period", "4 weeks", type="number", label="Notice period", **{key: "in days"}) == "28"


def test_a_text_box_gets_the_notice_period_as_it_is_unless_it_names_one_unit() -> None:
    assert filled("notice-period", "4 weeks", type="text", label="Notice period") == "4 weeks"
    assert filled("notice-period", "4 weeks", type="text", label="Notice period", placeholder="e.g. 30 days") == "4 weeks"
    assert filled("notice-period", "4 weeks", type="text", label="Notice period in days") == "28"


@pytest.mark.parametrize(
    ("value", "options", "label", "chosen"),
    [
        ("4 weeks", ["15 days", "1 month", "2 months", "Immediately"], "", "1 month"),
        ("1 month", ["15 days", "30 days", "60 days"], "", "30 days"),
        ("2 weeks", ["Immediate", "Less than 1 month", "1-2 months", "More than 2 months"], "", "Less than 1 month"),
        ("6 weeks", ["Less than 1 month", "1-2 months", "More than 2 months"], "", "1-2 months"),
        ("2 weeks", ["15 Days or less", "1 Month", "2 Months"], "", "15 Days or less"),
        ("4 weeks", ["15 Days or less", "1 Month", "More than 3 Months"], "", "1 Month"),
        ("4 weeks", ["0", "14", "28"], "Notice period (days)", "28"),
        ("Immediately", ["Immediate", "1 month"], "", "Immediate"),
        ("One month", ["Two months", "1 month"], "", "1 month"),
        ("4 weeks", ["2 months", "3 months"], "", "refused: no-matching-option"),
        ("4 weeks", ["A", "B"], "", "refused: no-matching-option"),
        ("2 semanas", ["Até 15 dias", "1 mês", "Mais de 2 meses"], "", "Até 15 dias"),
        ("6 meses", ["Hasta 1 mes", "Más de 3 meses"], "", "Más de 3 meses"),
        ("3 Monate", ["bis 4 Wochen", "über 2 Monate"], "", "über 2 Monate"),
    ],
)
def test_the_option_of_the_same_length_is_chosen(value: str, options: list[str], label: str, chosen: str) -> None:
    assert filled("notice-period", value, type="select-one", label=label, options=options) == chosen


@pytest.mark.parametrize(
    ("value", "country", "label", "written"),
    [
        ("145000", "US", "Expected salary (per annum)", "145000"),
        ("145000", "US", "Expected salary", "145000"),
        ("145000", "US", "Expected monthly salary", UNKNOWN),
        ("145000", "US", "Hourly rate", UNKNOWN),
        ("145000", "US", "Expected salary (monthly or yearly)", UNKNOWN),
        ("144000 per year", "US", "Monthly salary", "12000"),
        ("5000 monthly", "US", "Expected salary (yearly)", "60000"),
        ("5000 per month", "US", "Desired salary", UNKNOWN),
        ("145000", "US", "Desired salary (in thousands)", "145"),
        ("60000", "DE", "Gehaltsvorstellung (TEUR)", "60"),
        ("60000", "DE", "Gehaltsvorstellung (Jahr)", "60000"),
        ("60000", "DE", "Monatsgehalt", UNKNOWN),
        ("6000000", "JP", "希望年収（万円）", "600"),
        ("1200000", "IN", "Expected CTC (in lakhs)", "12"),
        ("1200000", "IN", "Expected CTC in LPA", "12"),
        ("145000", "US", "Salary expectation (EUR)", "refused: other-currency"),
        ("145000", "US", "Expected CTC in LPA", "refused: other-currency"),
        ("145000", "US", "Salary expectation (£)", "refused: other-currency"),
        ("145000", "US", "Salary ($)", "145000"),
        ("145000", "US", "Salary in USD", "145000"),
        ("145000 USD", "DE", "Gehalt in Euro", "refused: other-currency"),
        ("145000", "", "Salary in EUR", "145000"),
    ],
)
def test_a_salary_is_written_in_the_unit_and_the_currency_asked_for(value: str, country: str, label: str, written: str) -> None:
    assert filled("desired-salary", value, profile={"country": country}, type="number", label=label) == written


def test_salary_ranges_in_thousands_and_in_other_currencies() -> None:
    assert filled("desired-salary", "35000", type="select", options=["20-30k", "30-40k", "40k+"]) == "30-40k"
    euros = ["€100,000 - €120,000", "€120,000 - €150,000"]
    assert filled("desired-salary", "145000", profile={"country": "US"}, type="select", options=euros) == "refused: other-currency"


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ({"type": "number", "label": "Months of experience"}, "120"),
        ({"type": "number", "label": "Experience (in months)"}, "120"),
        ({"type": "number", "label": "Total experience (years and months)"}, UNKNOWN),
        ({"type": "select", "options": ["6-12 months", "1-5 years", "5-10 years"]}, "5-10 years"),
        ({"type": "number", "label": "Years of experience", "max": "5"}, "refused: out-of-range"),
    ],
)
def test_years_of_experience_in_months(field: dict[str, object], written: str) -> None:
    assert filled("years-of-experience", "10", **field) == written


@pytest.mark.parametrize(
    ("value", "limits", "written"),
    [
        ("3.9", {"min": "0", "max": "4"}, "3.9"),
        ("3.9", {"min": "0", "max": "1"}, "refused: out-of-range"),
        ("3.9", {"step": "0.5"}, "refused: out-of-range"),
        ("3.9", {"step": "any"}, "3.9"),
        ("3.9", {"step": "0.1"}, "3.9"),
        ("3.9", {"min": "abc", "max": "9" * 400, "step": "0"}, "3.9"),
    ],
)
def test_a_number_outside_of_its_limits_is_not_filled(value: str, limits: dict[str, str], written: str) -> None:
    assert filled("gpa", value, type="number", **limits) == written


def test_a_native_date_outside_of_its_limits_is_not_filled() -> None:
    assert filled("start-date", "2027-01-11", type="date", max="2026-12-31") == "refused: out-of-range"
    assert filled("start-date", "2027-01-11", type="date", min="2026-12-31") == "2027-01-11"


@pytest.mark.parametrize(
    ("value", "country", "label", "written"),
    [
        ("28 LPA", "IN", "Expected annual salary", "2800000"),
        ("28 LPA", "IN", "Expected CTC (LPA)", "28"),
        ("28 LPA", "IN", "Salary in lakhs", "28"),
        ("600万円", "JP", "希望年収", "6000000"),
        ("600万円", "JP", "希望年収（万円）", "600"),
        ("1.2 crore", "IN", "Expected annual salary", "12000000"),
        ("R$ 12 mil por mês", "BR", "Pretensão salarial mensal", "12000"),
        ("120 тыс. руб. в месяц", "RU", "Зарплата в месяц", "120000"),
        ("$18/hr", "US", "Expected annual salary", UNKNOWN),
        ("$18/hr", "US", "Desired salary", UNKNOWN),
        ("$18/hr", "US", "Hourly rate", "18"),
        ("$18", "US", "Desired rate ($/hr)", UNKNOWN),
        ("€ 4.500 per maand", "NL", "Salaris (in T€)", UNKNOWN),
    ],
)
def test_a_salary_is_read_with_the_scale_and_the_period_it_is_written_with(value: str, country: str, label: str, written: str) -> None:
    assert filled("desired-salary", value, profile={"country": country}, type="number", label=label) == written


@pytest.mark.parametrize(
    ("value", "country", "options", "written"),
    [
        ("6000000", "JP", ["300万円未満", "300〜500万円", "500〜700万円", "700万円以上"], "500〜700万円"),
        ("2200000", "IN", ["0-10 LPA", "10-20 LPA", "20-30 LPA", "30+ LPA"], "20-30 LPA"),
        ("€ 4.500 per maand", "NL", ["under 30.000 €", "30.000 - 50.000 €", "50.000 € +"], UNKNOWN),
        ("€ 4.500 per maand", "NL", ["3000-4000 per maand", "4000-5000 per maand"], "4000-5000 per maand"),
        ("€ 4.500 per maand", "NL", ["30.000 - 50.000 € per jaar", "50.000 - 70.000 € per jaar"], "50.000 - 70.000 € per jaar"),
        ("$18/hr", "US", ["Under $30k", "$30k-$50k"], UNKNOWN),
    ],
)
def test_a_salary_band_is_read_with_its_scale_and_period(value: str, country: str, options: list[str], written: str) -> None:
    assert filled("desired-salary", value, profile={"country": country}, type="select-one", label="Salary", options=options) == written


@pytest.mark.parametrize(
    ("value", "country", "label", "written"),
    [
        ("3.9", "US", "GPA (out of 4.0)", "3.9"),
        ("3.9", "US", "GPA", "3.9"),
        ("3.9", "US", "GPA (4.0 scale)", "3.9"),
        ("3.9", "US", "Percentage", UNKNOWN),
        ("92", "IN", "Marks (%)", "92"),
        ("92%", "IN", "Marks in percent", "92%"),
        ("92%", "IN", "GPA (out of 4.0)", UNKNOWN),
        ("8.7/10", "IN", "CGPA (out of 10)", "8.7/10"),
        ("8.7/10", "IN", "GPA (out of 4.0)", UNKNOWN),
        ("8.7", "IN", "GPA on a 4.0 scale", UNKNOWN),
        ("1,7", "DE", "GPA (out of 4.0)", UNKNOWN),
        ("1,7", "DE", "Abschlussnote", "1,7"),
    ],
)
def test_a_grade_is_of_the_scale_that_the_field_asks_for(value: str, country: str, label: str, written: str) -> None:
    assert filled("gpa", value, profile={"country": country}, type="text", label=label) == written


@pytest.mark.parametrize(
    ("value", "label", "written"),
    [
        ("9000 zł brutto miesięcznie", "Oczekiwane wynagrodzenie netto (PLN)", UNKNOWN),
        ("9000 zł brutto miesięcznie", "Oczekiwane wynagrodzenie brutto miesięcznie", "9000"),
        ("9000 zł brutto miesięcznie", "Oczekiwane wynagrodzenie miesięczne (brutto / netto)", "9000"),
        ("9000 zł netto miesięcznie", "Wynagrodzenie brutto (miesięcznie)", UNKNOWN),
        ("9000", "Wynagrodzenie netto", "9000"),
    ],
)
def test_a_salary_before_tax_is_none_after_it(value: str, label: str, written: str) -> None:
    assert filled("desired-salary", value, profile={"country": "PL"}, type="number", label=label) == written
