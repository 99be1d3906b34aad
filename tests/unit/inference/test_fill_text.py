import pytest
from tests.support.filling import filled, response, warned


@pytest.mark.parametrize(
    ("canonical", "value", "field", "written"),
    [
        ("given-name", "  Ada ", {}, "Ada"),
        ("given-name", "Ada\x07", {"type": ""}, "Ada"),
        ("given-name", "Augusta", {"maxlength": 3}, "refused: too-long"),
        ("given-name", "😀" * 3, {"maxlength": 5}, "refused: too-long"),
        ("given-name", "😀" * 3, {"maxlength": 6}, "😀" * 3),
        ("given-name", "Ada", {"maxlength": -1}, "Ada"),
        ("family-name", "山田", {"pattern": "^[ァ-ヶー]+$"}, "refused: pattern-mismatch"),
        ("street-address", "1 Main St,\nApt 4", {}, "1 Main St, Apt 4"),
        ("street-address", "1 Main St\r\nApt 4", {"type": "textarea"}, "1 Main St\nApt 4"),
        ("additional-name", "Marie", {"maxlength": 1}, "M"),
        ("additional-name", "Marie", {"maxlength": 2}, "M."),
        ("honorific-prefix", "Dr.", {"maxlength": 2}, "Dr"),
        ("honorific-suffix", "Jr", {"pattern": r"Jr\."}, "Jr."),
        ("postal-code", "94107-1234", {"maxlength": 5}, "94107"),
        ("postal-code", "sw1a 1aa", {"pattern": "[A-Z0-9]{5,8}"}, "SW1A1AA"),
        ("postal-code", "94107", {"maxlength": 4}, "refused: too-long"),
        ("desired-salary", "85,000 USD", {}, "85,000 USD"),
        ("desired-salary", "85,000 USD", {"pattern": "[0-9]+"}, "85000"),
        ("desired-salary", "negotiable", {"pattern": "[0-9]+"}, "refused: pattern-mismatch"),
        ("email", "ada@example.org", {"type": "email"}, "ada@example.org"),
        ("email", "ada", {"type": "email"}, "refused: not-an-email"),
        ("email", "ada@example.org", {"type": "email", "maxlength": 10}, "refused: too-long"),
        ("username", "ada", {"type": "email"}, "refused: not-an-email"),
        ("organization", "שלום בע״מ", {}, "שלום בע״מ"),
        ("organization", "\x01\x02", {}, "refused: no-value"),
        ("school", "Northgate", {"type": "", "options": ["Alder", "Northgate College"]}, "Northgate College"),
        ("school", "Elsewhere", {"type": "text", "options": ["Alder", "Northgate"]}, "Elsewhere"),
        ("school", "Northgate", {"type": "text", "options": [{"value": "n", "text": "Northgate"}]}, "n"),
    ],
)
def test_text_is_written_whole_or_not_at_all(canonical: str, value: str, field: dict[str, object], written: str) -> None:
    assert filled(canonical, value, **{"type": "text", **field}) == written


def test_only_prose_is_shortened_at_a_word_and_with_a_warning() -> None:
    letter = "Dear all, I would like to join, because " * 10

    written = filled("cover-letter", letter, type="textarea", maxlength=100)

    assert len(written) <= 100
    assert letter.startswith(written)
    assert letter[len(written)] in " ,"
    assert warned("cover-letter", letter, type="textarea", maxlength=100) == "shortened"


def test_prose_is_not_cut_inside_a_word_or_below_a_useful_length() -> None:
    assert filled("cover-letter", "😀" * 200, type="textarea", maxlength=100) == "refused: too-long"
    assert filled("cover-letter", "A letter " * 20, type="textarea", maxlength=20) == "refused: too-long"


@pytest.mark.parametrize(
    ("canonical", "value", "written"),
    [
        ("desired-salary", "85k", "85000"),
        ("desired-salary", "60.000 €", "60000"),
        ("desired-salary", "$1,250,000.50", "1250000.5"),
        ("desired-salary", "85 000", "85000"),
        ("desired-salary", "CHF 85'000", "85000"),
        ("desired-salary", "80,000 - 90,000", "refused: not-a-number"),
        ("desired-salary", "negotiable", "refused: not-a-number"),
        ("years-of-experience", "5 years", "5"),
        ("years-of-experience", "1,5", "1.5"),
        ("gpa", "3,875", "3.875"),
        ("gpa", "3.8", "3.8"),
        ("postal-code", "01234", "01234"),
        ("postal-code", "SW1A 1AA", "refused: not-a-number"),
        ("given-name", "Ada", "refused: not-a-number"),
        ("country", "Norway", "refused: not-a-number"),
        ("job-start-date", "2020-03-04", "refused: not-a-number"),
        ("job-start-date", "2020", "2020"),
    ],
)
def test_number_inputs_get_digits_or_nothing(canonical: str, value: str, written: str) -> None:
    assert filled(canonical, value, type="number") == written


@pytest.mark.parametrize(
    ("canonical", "value", "field", "written"),
    [
        ("linkedin-url", "linkedin.com/in/ada", {"type": "url"}, "https://linkedin.com/in/ada"),
        ("linkedin-url", "linkedin.com/in/ada", {}, "linkedin.com/in/ada"),
        ("linkedin-url", "ada-l", {}, "https://www.linkedin.com/in/ada-l"),
        ("twitter-url", "@ada", {"type": "url"}, "https://x.com/ada"),
        ("github-url", "https://github.com/ada/", {"placeholder": "@username"}, "@ada"),
        ("github-url", "https://github.com/ada", {"placeholder": "Username"}, "ada"),
        ("url", "https://www.ada.example/", {"pattern": r"www\..+"}, "www.ada.example/"),
        ("url", "https://www.ada.example/", {"maxlength": 12}, "ada.example/"),
        ("url", "ada.example:8080/x", {"type": "url"}, "https://ada.example:8080/x"),
        ("url", "javascript:alert(1)", {"type": "url"}, "refused: not-a-url"),
        ("url", "ftp://ada.example", {"type": "url"}, "refused: not-a-url"),
        ("url", "not a page.", {"type": "url"}, "refused: not-a-url"),
        ("url", "https://[half", {"type": "url"}, "refused: not-a-url"),
        ("given-name", "Ada", {"type": "url"}, "refused: not-a-url"),
        ("url", "https://ada.example/a/long/path", {"maxlength": 8}, "refused: too-long"),
    ],
)
def test_url_inputs_get_a_scheme_and_other_boxes_what_fits(canonical: str, value: str, field: dict[str, object], written: str) -> None:
    assert filled(canonical, value, **{"type": "text", **field}) == written


@pytest.mark.parametrize(
    ("canonical", "value", "profile", "field", "written"),
    [
        ("country", "US", {}, {}, "United States"),
        ("country", "United States", {}, {"maxlength": 2}, "US"),
        ("country", "Deutschland", {}, {"maxlength": 3}, "DEU"),
        ("country", "Deutschland", {}, {}, "Deutschland"),
        ("country", "Deutschland", {}, {"pattern": "[A-Z]{2}"}, "DE"),
        ("country", "Atlantis", {}, {}, "Atlantis"),
        ("citizenship", "US", {}, {}, "United States"),
        ("citizenship", "United States", {}, {"maxlength": 2}, "US"),
        ("citizenship", "American", {}, {}, "American"),
        ("country", "Atlantis", {}, {"maxlength": 2}, "refused: too-long"),
        ("address-level1", "California", {"country": "US"}, {}, "California"),
        ("address-level1", "California", {"country": "US"}, {"maxlength": 2}, "CA"),
        ("address-level1", "CA", {"country": "United States"}, {"pattern": "[A-Z][a-z]+"}, "California"),
        ("address-level1", "Ontario", {"country": "Canada"}, {"pattern": "[A-Z]{2}"}, "ON"),
        ("address-level1", "California", {}, {"maxlength": 2}, "refused: too-long"),
        ("address-level1", "Neverland", {"country": "US"}, {"maxlength": 2}, "refused: too-long"),
    ],
)
def test_countries_and_states_are_written_by_name_or_by_code(
    canonical: str, value: str, profile: dict[str, str], field: dict[str, object], written: str
) -> None:
    assert filled(canonical, value, profile=profile, **{"type": "text", **field}) == written


@pytest.mark.parametrize(
    ("value", "profile", "field", "written"),
    [
        ("+14155550123", {}, {"type": "tel"}, "+14155550123"),
        ("+14155550123", {}, {"maxlength": 10}, "4155550123"),
        ("+14155550123", {}, {"maxlength": 11, "pattern": "[0-9]{11}"}, "14155550123"),
        ("+14155550123", {}, {"type": "number"}, "4155550123"),
        ("+14155550123", {}, {"placeholder": "(555) 555-5555"}, "(415) 555-0123"),
        ("+14155550123", {}, {"placeholder": "xxx.xxx.xxxx"}, "415.555.0123"),
        ("+14155550123", {}, {"placeholder": "+1 555 555 5555"}, "+1 415-555-0123"),
        ("+14155550123", {}, {"placeholder": "Phone"}, "+14155550123"),
        ("+14155550123", {}, {"pattern": r"\d{3}-\d{3}-\d{4}"}, "415-555-0123"),
        ("+14155550123", {}, {"pattern": r"\([0-9]{3}\) [0-9]{3}-[0-9]{4}"}, "(415) 555-0123"),
        ("+14155550123", {}, {"pattern": r"[A-Z]+"}, "refused: pattern-mismatch"),
        ("+14155550123", {}, {"maxlength": 3}, "refused: too-long"),
        ("(415) 555-0123 ext. 12", {"country": "US"}, {"type": "tel"}, "+14155550123"),
        ("020 7946 0018", {"country": "GB"}, {"type": "tel"}, "+442079460018"),
        ("020 7946 0018", {"country": "United Kingdom"}, {"maxlength": 11}, "02079460018"),
        ("+33 1 23 45 67 89", {}, {"pattern": r"0[1-9]( \d\d){4}"}, "01 23 45 67 89"),
        ("555 0123", {}, {"type": "tel"}, "555 0123"),
        ("555 0123", {}, {"type": "number"}, "5550123"),
        ("+1 2", {}, {"type": "tel"}, "+1 2"),
    ],
)
def test_phone_numbers_take_the_format_their_box_shows_or_allows(
    value: str, profile: dict[str, str], field: dict[str, object], written: str
) -> None:
    assert filled("tel", value, profile=profile, **{"type": "text", **field}) == written


@pytest.mark.parametrize(
    ("canonical", "value", "field", "written"),
    [
        ("tel-country-code", "+1", {}, "+1"),
        ("tel-country-code", "1", {"maxlength": 1}, "1"),
        ("tel-country-code", "+49", {"type": "number"}, "49"),
        ("tel-country-code", "+49", {"pattern": "00[0-9]+"}, "0049"),
        ("tel-area-code", "415", {"maxlength": 3}, "415"),
        ("tel-local", "555-0123", {"maxlength": 7}, "5550123"),
        ("tel-national", "(415) 555-0123", {"type": "number"}, "4155550123"),
        ("tel-national", "4155550123", {"placeholder": "___-___-____"}, "415-555-0123"),
        ("tel-extension", "none", {"type": "number"}, "refused: too-long"),
    ],
)
def test_parts_of_a_phone_number_have_boxes_of_their_own(canonical: str, value: str, field: dict[str, object], written: str) -> None:
    assert filled(canonical, value, **{"type": "text", **field}) == written


def test_a_reason_or_a_warning_never_contains_the_value() -> None:
    refused = response("given-name", {"given-name": "Augusta"}, type="text", maxlength=3)
    shortened = response("cover-letter", {"cover-letter": "A long letter " * 40}, type="textarea", maxlength=100)

    assert "Augusta" not in refused.model_dump_json()
    assert shortened.fills[0].warning == "shortened"
