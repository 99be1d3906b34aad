import pytest

from fieldwise_common.countries import country_code, iso_country_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("deu", "DE"),
        ("XK", "XK"),
        ("U.S.A.", "US"),
        ("u.s.", "US"),
        ("Germany", "DE"),
        ("Federal Republic of Germany", "DE"),
        ("The Netherlands", "NL"),
        ("thailand", "TH"),
        ("Côte d’Ivoire", "CI"),
        ("COTE D'IVOIRE", "CI"),
        ("Kosovo", "XK"),
        ("Congo", "CG"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Korea (the Democratic People's Republic of)", "KP"),
        ("Congo (Democratic Republic of the)", "CD"),
        ("Virgin Islands (U.S.)", "VI"),
    ],
)
def test_a_country_is_read_by_its_codes_and_by_the_names_of_iso_3166(text: str, code: str) -> None:
    assert (country_code(text), iso_country_code(text)) == (code, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Great Britain", "GB"),
        ("holland", "NL"),
        ("Turkey", "TR"),
        ("Vatican", "VA"),
        ("Myanmar (Burma)", "MM"),
        ("Deutschland", "DE"),
        ("ALLEMAGNE", "DE"),
        ("Österreich", "AT"),
        ("ドイツ", "DE"),
        ("米国", "US"),
        ("대한민국", "KR"),
        ("भारत", "IN"),
        ("Россия", "RU"),
        ("Éire", "IE"),
    ],
)
def test_everyday_names_and_those_of_other_languages_are_read_but_are_not_isos(text: str, code: str) -> None:
    assert (country_code(text), iso_country_code(text)) == (code, None)


@pytest.mark.parametrize(
    ("text", "code"), [("Nga", "RU"), ("NGA", "NG"), ("nga", "NG"), ("Áo", "AT"), ("AO", "AO"), ("Bỉ", "BE"), ("Mỹ", "US")]
)
def test_a_name_with_accents_is_not_taken_for_a_code(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Korea (South)", "KR"),
        ("Korea (North)", "KP"),
        ("Sudan (South)", "SS"),
        ("Guinea (Equatorial)", "GQ"),
        ("Samoa (American)", "AS"),
        ("Germany (+49)", "DE"),
        ("Deutschland (Germany)", "DE"),
        ("United States (US)", "US"),
        ("Hong Kong (China)", "HK"),
        ("Puerto Rico (US)", "PR"),
        ("China (Hong Kong)", None),
        ("France (Guadeloupe)", None),
        ("Ireland (Northern)", None),
        ("Congo (Democratic Republic)", None),
        ("+372 (Estonia)", None),
    ],
)
def test_a_bracketed_part_must_not_contradict_the_rest(text: str, code: str | None) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    "text", ["", " ", "Atlantis", "England", "Kongo", "276", "+372", "🇩🇪", "the", "N/A", "n/a", "c/o", "Türkiye Cumhuriyeti"]
)
def test_a_text_that_names_no_country_or_two_has_no_code(text: str) -> None:
    assert country_code(text) is None
