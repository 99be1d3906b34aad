"""Where a form is from: what tells its country, and what tells only its language."""

from typing import Any

import pytest

from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import COUNTRIES, LANGUAGES, PLACES, FormPlace, form_place


def place(*fields: str | dict[str, Any], origin: str = "") -> FormPlace:
    described = [{"label": field} if isinstance(field, str) else field for field in fields]
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#{number}", **field})) for number, field in enumerate(described)]
    return form_place(views, origin)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("Keresztnév", "Irányítószám", "Település (őrzött)"), FormPlace("HU", "hu")),
        (("Jméno", "Příjmení"), FormPlace("CZ", "cs")),
        (("Meno", "Priezvisko", "Ulica"), FormPlace("SK", "sk")),
        (("Prénom", "Nom", "Ville"), FormPlace("", "fr")),
        (("お名前", "住所"), FormPlace("JP", "ja")),
        (("姓名", "地址"), FormPlace("", "zh")),
        (("Ім'я", "Прізвище"), FormPlace("UA", "uk")),
        (("Soyadı", "Şehir"), FormPlace("TR", "tr")),
        (("Județ", "Localitate"), FormPlace("RO", "ro")),
        (("Fornavn", "Etternavn", "Poststed"), FormPlace("NO", "no")),
        (("First name", "Last name"), FormPlace("", "en")),
        (("Voornaam", "Achternaam", "Postcode"), FormPlace("", "nl")),
        (("Nom", "Cognoms", "Adreça", "Població"), FormPlace("ES", "ca")),
        (("Navn", "Adresse", "Postnr.", "By"), FormPlace("DK", "da")),
        (("Fornavn", "Adresse"), FormPlace()),
        (("Eesnimi", "Perekonnanimi", "Võtmesõna"), FormPlace("EE", "et")),
        (("Informações", "Número do cartão"), FormPlace("", "pt")),
        (("Име", "Телефон", "Адрес", "Град"), FormPlace("BG", "bg")),
        (("Telefon", "Email"), FormPlace()),
        (("", ""), FormPlace()),
        ((), FormPlace()),
    ],
)
def test_labels_tell_the_language_and_with_it_the_country_of_most_who_speak_it(labels: tuple[str, ...], expected: FormPlace) -> None:
    assert place(*labels) == expected


@pytest.mark.parametrize(
    "labels",
    [
        ("Ad", "Soyad", "Ünvan", "Şəhər"),  # Azerbaijani, with the Turkish letters ş and ı
        ("Име", "Презиме", "Адреса", "Град", "Куќа"),  # Macedonian, with the Serbian words
        ("Аты", "Тегі", "Қала"),  # Kazakh, with a Ukrainian letter
        ("Isem", "Kunjom", "Triq u numru taż-żona", "Ħamrun"),  # Maltese, with a Polish letter
        ("נאָמען", "טעלעפֿאָן"),  # Yiddish, in Hebrew letters
        ("ناوی تەواو", "شار", "گەڕەک"),  # Kurdish, with Persian letters
    ],
)
def test_a_language_that_is_written_like_another_is_not_taken_for_it(labels: tuple[str, ...]) -> None:
    assert place(*labels) == FormPlace()


def test_the_pages_domain_tells_the_country() -> None:
    assert place("Prénom", "Nom", "Ville", origin="https://boutique.example.ch").country == "CH"
    assert place("First name", "Last name", origin="https://shop.co.uk:8443").country == "GB"


@pytest.mark.parametrize(
    "origin",
    [
        *("https://shop.io", "https://shop.com", "https://shop.eu", "https://shop.su", "https://shop.zz", "https://127.0.0.1"),
        *("https://[::1]:80", "http://hr:8080", "https://xn--e1afmkfd.xn--p1ai", "", "no url"),
    ],
)
def test_domains_that_all_countries_use_tell_none(origin: str) -> None:
    assert place("First name", "Last name", origin=origin).country == ""


def test_regions_to_choose_from_tell_the_country() -> None:
    provinces = {"name": "provincia", "options": ["Barcelona", "Girona", "Lleida", "Tarragona"]}
    states = {"name": "estado", "options": ["Jalisco", "Oaxaca", "Yucatán", "Sonora"]}

    assert place("Nombre", "Apellidos", provinces) == FormPlace("ES", "es")
    assert place("Nombre", "Apellidos", states) == FormPlace("MX", "es")


def test_a_dial_code_tells_the_country_and_two_tell_none() -> None:
    assert place("Vorname", "Nachname", {"label": "+43"}).country == "AT"
    assert place("Vorname", "Nachname", {"placeholder": "+41 79 123 45 67"}).country == "CH"
    assert place("Vorname", "Nachname", {"label": "+43"}, {"label": "+41"}).country == ""


def test_the_pages_language_outweighs_its_words() -> None:
    assert place({"label": "First name", "lang": "de-CH"}, {"label": "Last name", "lang": "de-CH"}) == FormPlace("CH", "de")
    assert place({"label": "Last name", "lang": "sv"}) == FormPlace("SE", "sv")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh-Hans-CN", FormPlace("CN", "zh")),
        ("sr-Latn-RS", FormPlace("RS", "sr")),
        ("EN_us", FormPlace("US", "en")),
        ("en_US.UTF-8", FormPlace("US", "en")),
        ("en-US-x-foo", FormPlace("US", "en")),
        ("en-UK", FormPlace("GB", "en")),
        ("es-419", FormPlace("", "es")),
        ("en-EU", FormPlace("", "en")),
        ("de-u-co-phonebk", FormPlace("", "de")),  # Colombia's code
        ("de-x-at", FormPlace("", "de")),
    ],
)
def test_language_tags_have_many_shapes(tag: str, expected: FormPlace) -> None:
    assert place({"label": "Name", "lang": tag}) == expected


@pytest.mark.parametrize("tag", ["{{lang}}", "und", "english", "x-default", "C", "--"])
def test_a_text_that_is_no_language_tag_hides_no_language(tag: str) -> None:
    assert place({"label": "Jméno", "lang": tag}, {"label": "Příjmení", "lang": tag}) == FormPlace("CZ", "cs")


def test_the_british_write_their_country_in_two_ways() -> None:
    assert place({"label": "Name", "lang": "en-UK"}, origin="https://shop.co.uk.") == FormPlace("GB", "en")


def test_texts_tell_the_language_wherever_the_page_has_them() -> None:
    assert place({"aria_label": "Jméno"}, {"nearby": "Příjmení"}) == FormPlace("CZ", "cs")


@pytest.mark.parametrize("label", ["中文姓名", "Ethnicity (Māori)", "Angle (π)", "Adınız"])
def test_one_text_in_other_letters_makes_no_other_language(label: str) -> None:
    assert place("First name", "Last name", label) == FormPlace("", "en")


def test_a_code_of_no_country_tells_none() -> None:
    assert place("First name", "Last name", "Free phone (+800)") == FormPlace("", "en")


def test_contradicting_countries_tell_none() -> None:
    assert place({"label": "Name", "lang": "de-AT"}, origin="https://shop.ch").country == ""


def test_a_place_has_the_number_of_its_country_or_else_of_its_language() -> None:
    assert PLACES[FormPlace("CH", "de").number] == "CH"
    assert PLACES[FormPlace("", "de").number] == "de"
    assert PLACES[FormPlace("AQ", "de").number] == "de"
    assert FormPlace().number == FormPlace("AQ", "xx").number == 0
    assert len(set(PLACES)) == len(PLACES) == 1 + len(COUNTRIES) + len(LANGUAGES)


def test_a_place_is_a_language_tag() -> None:
    assert [FormPlace("CH", "de").tag, FormPlace("", "de").tag, FormPlace("CH").tag, FormPlace().tag] == ["de-CH", "de", "", ""]


def test_a_fields_own_tag_counts_but_for_a_country_that_its_form_is_not_from() -> None:
    """Or a date would be written as Americans do on the page of a Romanian shop."""
    assert [FormPlace("CH", "de").tag_of(own) for own in ("", "fr", "fr-CH", "de-CH", "de-DE")] == ["de-CH", "fr", "fr-CH", "de-CH", "de"]
    assert place({"label": "Name", "lang": "en-US"}, origin="https://magazin.ro").tag_of("en-US") == "en"
    assert FormPlace("", "de").tag_of("xx-DE") == "de"


def test_a_page_that_is_no_language_tag_is_harmless() -> None:
    assert place({"label": "Name", "lang": "--"}, {"label": "x", "lang": "🏳" * 30}).country == ""
    assert MlClassifyRequest.model_validate({"fields": [{"selector": "#a", "lang": 7}]}).fields[0].lang == "7"
