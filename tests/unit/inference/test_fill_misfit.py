import pytest
from tests.support.filling import filled

REFUSED = "refused: inverted-question"


@pytest.mark.parametrize(
    ("canonical", "label"),
    [
        ("work-authorization", "Do you need a visa to work in the UK, or are you free to work?"),
        ("work-authorization", "Will you require work authorisation?"),
        ("work-authorization", "Benötigen Sie eine Arbeitserlaubnis?"),
        ("work-authorization", "¿Necesitas un permiso de trabajo?"),
        ("work-authorization", "Avez-vous besoin d'un permis de travail ?"),
        ("work-authorization", "Can you work here without sponsorship?"),
        ("work-authorization", "I am not authorized to work in the US"),
        ("visa-sponsorship", "I do not require visa sponsorship"),
        ("visa-sponsorship", "I don't need a visa"),
        ("visa-sponsorship", "I don’t need a visa"),
        ("visa-sponsorship", "Do you have the right to work without a visa?"),
        ("visa-sponsorship", "Are you legally authorized to work in Norway?"),
        ("visa-sponsorship", "Ich benötige kein Visum"),
        ("visa-sponsorship", "Je peux travailler sans visa"),
        ("visa-sponsorship", "No necesito patrocinio"),
        ("visa-sponsorship", "ビザのサポートは必要ありません"),
        ("willing-to-relocate", "I am not willing to relocate"),
        ("remote-preference", "Are you comfortable working in an onsite setting?"),
        ("previously-employed", "I have never worked here"),
        ("drivers-license", "I have no driver's license"),
        ("drivers-license", "Has your license ever been suspended or revoked?"),
        ("hispanic-latino", "Not Hispanic or Latino"),
        ("veteran-status", "I am not a protected veteran"),
        ("disability-status", "Keine Behinderung, nicht betroffen"),
        ("age-confirmation", "I am under 18"),
        ("age-confirmation", "Sind Sie unter 18?"),
        ("age-confirmation", "Are you 21 or older?"),
        ("age-confirmation", "만 14세 이상입니다"),
        ("age-confirmation", "I'm of legal drinking age"),
    ],
)
@pytest.mark.parametrize("kind", ["checkbox", "radio", "select"])
def test_a_question_that_is_or_may_be_inverted_is_left_to_the_user(canonical: str, label: str, kind: str) -> None:
    assert filled(canonical, "Yes", type=kind, label=label, options=["Yes", "No"]) == REFUSED
    assert filled(canonical, "No", type=kind, placeholder=label, options=["Yes", "No"]) == REFUSED


@pytest.mark.parametrize(
    ("canonical", "label"),
    [
        ("work-authorization", "Are you authorised to work lawfully in the UK without any restrictions?"),
        ("work-authorization", "Do you certify that you meet all minimum requirements to be lawfully employed?"),
        ("work-authorization", "Do you have a valid work permit for Germany?"),
        ("work-authorization", "Possui autorização para trabalhar no Brasil?"),
        ("work-authorization", "Mag je zonder beperkingen in Nederland werken?"),
        ("visa-sponsorship", "Will you now or in the future require visa sponsorship?"),
        ("visa-sponsorship", "Will you need us to sponsor you to be authorized to work?"),
        ("visa-sponsorship", "Benötigen Sie ein Visum?"),
        ("willing-to-relocate", "Are you willing to relocate? (yes/no)"),
        ("remote-preference", "Would you like to work from home?"),
        ("previously-employed", "Have you worked here before?"),
        ("drivers-license", "Führerschein"),
        ("hispanic-latino", "Are you Hispanic or Latino?"),
        ("veteran-status", "Military veteran?"),
        ("disability-status", "Do you have a disability (visible or not)?"),
        ("age-confirmation", "Are you at least 18 years old?"),
        ("age-confirmation", "18歳以上ですか"),
        ("age-confirmation", "Sind Sie volljährig?"),
        ("age-confirmation", ""),
    ],
)
def test_a_question_asked_the_usual_way_is_answered(canonical: str, label: str) -> None:
    assert filled(canonical, "Yes", type="select", label=label, options=["Yes", "No"]) == "Yes"


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
