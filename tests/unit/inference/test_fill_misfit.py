import pytest
from tests.support.filling import filled


def test_a_lone_no_is_an_answer_and_other_ids_may_be_negated() -> None:
    assert filled("visa-sponsorship", "No", type="radio", label="No") == "true"
    assert filled("given-name", "Ada", type="text", label="First name (not your nickname)") == "Ada"


HOUSE_NUMBER_LABELS = (
    *("Hausnummer *", "Haus-Nr.", "Hausnr", "Nr.", "Huisnummer (verplicht)", "House number", "HOUSE NO", "Número", "Numero civico"),
    *("N°", "Nº:", "Nr domu", "numer domu", "№ дома", "Дом:", "Kapı no", "番地", "מספר בית"),
)


@pytest.mark.parametrize("label", HOUSE_NUMBER_LABELS)
def test_a_house_number_box_never_gets_the_apartment_line(label: str) -> None:
    assert filled("address-line2", "Apt 4", type="text", label=label) == "refused: house-number"
    assert filled("address-line2", "Apt 4", type="text", placeholder=label) == "refused: house-number"


@pytest.mark.parametrize("label", ["Address line 2", "Apt. no.", "Nr lokalu", "Zusatz", ""])
def test_other_second_lines_get_it(label: str) -> None:
    assert filled("address-line2", "Apt 4", type="text", label=label) == "Apt 4"


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("Tussenvoegsel", "refused: name-particle"),
        ("Tussenvoegsels (optioneel)", "refused: name-particle"),
        ("Tussenv.", "refused: name-particle"),
        ("Middle name", "Marie"),
        ("Отчество", "Marie"),
    ],
)
def test_a_dutch_name_particle_box_does_not_get_the_middle_name(label: str, written: str) -> None:
    assert filled("additional-name", "Marie", type="text", label=label) == written


@pytest.mark.parametrize(
    "label",
    [
        *(
            "How many years of work experience do you have with Kubernetes?",
            "Years of experience in management",
            "Python experience (years)",
        ),
        *("Years of relevant experience", "Years with SQL", "How many years have you worked in this field? Experience in sales"),
        *(
            "Berufserfahrung mit SAP (Jahre)",
            "Années d'expérience en Java",
            "Años de experiencia con React",
            "Anos de experiência em vendas",
        ),
        *("Jaren ervaring met Excel", "Lata doświadczenia w Javie", "Опыт работы с Python (лет)", "Pythonの経験年数", "Java 经验年数"),
    ],
)
def test_experience_with_one_thing_is_not_all_of_it(label: str) -> None:
    assert filled("years-of-experience", "10", type="number", label=label) == "refused: other-question"


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Total years of experience",
            "Years of professional experience *",
            "How many years of work experience do you have?",
            "Experience (years)",
        ),
        *(
            "Berufserfahrung (in Jahren)",
            "Wie viele Jahre Berufserfahrung haben Sie?",
            "Années d'expérience professionnelle",
            "Años de experiencia laboral",
        ),
        *(
            "Anos de experiência profissional",
            "Anni di esperienza",
            "Aantal jaren werkervaring",
            "Lata doświadczenia zawodowego",
            "Стаж работы (лет)",
        ),
        *("Toplam deneyim (yıl)", "経験年数", "工作年限", "경력 년수", "Munkatapasztalat (év)", ""),
    ],
)
def test_all_experience_is_filled(label: str) -> None:
    assert filled("years-of-experience", "10", type="number", label=label) == "10"


@pytest.mark.parametrize(
    ("canonical", "value", "label"),
    [
        ("visa-sponsorship", "Yes", "If yes, please explain"),
        ("gender", "Female", "Other (please specify)"),
        ("gender", "Female", "Please specify"),
        ("disability-status", "No", "Wenn ja, bitte erläutern"),
        ("race-ethnicity", "White", "Sonstiges"),
        ("referral-source", "LinkedIn", "Si autre, précisez"),
    ],
)
def test_a_follow_up_box_stays_empty(canonical: str, value: str, label: str) -> None:
    assert filled(canonical, value, type="text", label=label) == "refused: follow-up"


def test_a_box_for_whom_it_applies_to_is_no_follow_up() -> None:
    assert filled("pronouns", "She/her", type="text", label="If applicable, your pronouns") == "She/her"


def test_a_question_that_asks_to_be_specific_is_no_follow_up() -> None:
    label = "How did you hear about us? Please specify"

    assert filled("referral-source", "LinkedIn", type="text", label=label) == "LinkedIn"


@pytest.mark.parametrize("canonical", ["job-start-date", "job-end-date", "job-start-year", "job-end-month"])
def test_a_period_that_ends_before_it_starts_is_not_believed(canonical: str) -> None:
    dates = {"job-start-date": "2021-03", "job-end-date": "2020"}

    assert filled(canonical, dates.get(canonical, "2021"), profile=dates, type="text") == "refused: bad-date"
    assert filled("job-start-date", "2021-03", profile={"job-end-date": "2021"}, type="text", placeholder="MM/YYYY") == "03/2021"
