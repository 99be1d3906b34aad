import pytest

from fieldwise_common.countries import country_code, english_country_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("deu", "DE"),
        ("Germany", "DE"),
        ("Federal Republic of Germany", "DE"),
        ("U.S.A.", "US"),
        ("u.s.", "US"),
        ("The Netherlands", "NL"),
        ("thailand", "TH"),
        ("Côte d’Ivoire", "CI"),
        ("COTE D'IVOIRE", "CI"),
        ("Korea (South)", "KR"),
        ("Great Britain", "GB"),
        ("holland", "NL"),
        ("Kosovo", "XK"),
    ],
)
def test_a_country_is_read_by_its_english_names_and_its_codes(text: str, code: str) -> None:
    assert (country_code(text), english_country_code(text)) == (code, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deutschland", "DE"),
        ("ALLEMAGNE", "DE"),
        ("Österreich", "AT"),
        ("Türkiye Cumhuriyeti", None),
        ("ドイツ", "DE"),
        ("米国", "US"),
        ("대한민국", "KR"),
        ("भारत", "IN"),
        ("Россия", "RU"),
        ("Éire", "IE"),
    ],
)
def test_a_name_in_another_language_is_read_and_is_not_english(text: str, code: str | None) -> None:
    assert (country_code(text), english_country_code(text)) == (code, None)


@pytest.mark.parametrize("text", ["", " ", "Atlantis", "England", "Kongo", "276", "+372", "+372 (Estonia)", "🇩🇪", "the"])
def test_a_text_that_names_no_country_or_two_has_no_code(text: str) -> None:
    assert country_code(text) is None
