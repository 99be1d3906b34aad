from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.filling import filled, warned
from tests.support.tiny_version import write_encoder

from fieldwise_inference.serving.encoder import OnnxEncoder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    folder: Path = tmp_path_factory.mktemp("encoder")
    return write_encoder(folder)


def choices(*pairs: str | tuple[str, str]) -> list[object]:
    return [{"value": pair[0], "text": pair[1]} if isinstance(pair, tuple) else pair for pair in pairs]


DISABILITY = ("Yes, I have a disability, or have had one in the past", "No, I do not have a disability", "I do not want to answer")
VETERAN = (
    "I am not a protected veteran",
    "I identify as one or more of the classifications of a protected veteran",
    "I don't wish to answer",
)


@pytest.mark.parametrize(
    ("canonical", "value", "options", "chosen"),
    [
        ("school", "Alder", choices(("1", "Alder"), ("2", "Birch")), "1"),
        ("school", "alder", choices(("", "Select One"), ("1", "ALDER")), "1"),
        ("school", "b", choices(("a", "Alder"), ("b", "Birch")), "b"),
        ("school", "B", choices(("a", "Alder"), ("b", "Birch")), "b"),
        ("school", "2", choices(("1", "Alder"), ("2", "Birch")), "refused: no-matching-option"),
        ("school", "Alder", choices(("", "Alder"), ("", "Birch")), "Alder"),
        ("school", "Select One", choices("Select One", "Alder", "Birch"), "refused: no-matching-option"),
        ("school", "Alder", choices("Alder College", "Alder School"), "refused: no-matching-option"),
        ("school", "Alder College of Arts", choices("Alder College", "Birch"), "Alder College"),
        ("school", "Of", choices("College of Arts", "Birch"), "refused: no-matching-option"),
        ("country", "US", choices(("", "Land"), ("840", "Vereinigte Staaten"), ("276", "Deutschland")), "840"),
        ("country", "GB", choices("USA", "UK", "UAE"), "UK"),
        ("country", "US", choices("U.S.", "U.K."), "U.S."),
        ("country", "USA", choices(("us", "アメリカ合衆国"), ("jp", "日本")), "us"),
        ("country", "US", choices("United States of America (USA)", "India"), "United States of America (USA)"),
        ("country", "Netherlands", choices(("NL", "Holland"), ("BE", "Belgique")), "NL"),
        ("country", "GB", choices("England", "Scotland"), "refused: no-matching-option"),
        ("country", "Atlantis", choices("France", "Spain"), "refused: no-matching-option"),
        ("address-level1", "California", choices("AL", "CA", "CO"), "CA"),
        ("address-level1", "CA", choices(("1", "CA - California"), ("2", "CO - Colorado")), "1"),
        ("address-level1", "Virginia", choices("West Virginia", "Texas"), "refused: no-matching-option"),
        ("address-level1", "Ontario", choices("ON", "QC", "BC"), "ON"),
        ("address-level1", "Neverland", choices("Here", "There"), "refused: no-matching-option"),
        ("language", "English", choices(("ja", "日本語"), ("x", "الإنجليزية")), "x"),
        ("language", "English", choices(("ja", "日本語"), ("en", "—English—")), "en"),
        ("language", "Klingonese", choices("English", "Deutsch"), "refused: no-matching-option"),
        ("honorific-prefix", "Mr.", choices(("MR", "Herr"), ("MRS", "Frau")), "MR"),
        ("honorific-prefix", "Ms", choices("Mr.", "Mrs.", "Ms."), "Ms."),
        ("honorific-prefix", "Ms", choices(("MR", "Herr"), ("MRS", "Frau")), "MRS"),
        ("honorific-suffix", "Junior", choices("", "JR", "SR"), "JR"),
        ("sex", "Female", choices(("1", "男性"), ("2", "女性")), "2"),
        ("sex", "male", choices(("M", "xy"), ("F", "xx")), "M"),
        ("gender", "Prefer not to say", choices("Male", "Female", "Decline To Self Identify"), "Decline To Self Identify"),
        ("gender", "Genderfluid", choices("Male", "Female"), "refused: no-matching-option"),
        ("marital-status", "Married", choices("ledig", "verheiratet"), "verheiratet"),
        ("visa-sponsorship", "No", choices(("1", "Ja"), ("0", "Nein")), "0"),
        ("visa-sponsorship", "Yes", choices(("1", ""), ("0", "")), "1"),
        ("drivers-license", "yes", choices("Yes, full", "Yes, provisional", "No"), "refused: no-matching-option"),
        ("drivers-license", "no", choices("Yes, full", "Yes, provisional", "No licence"), "No licence"),
        ("disability-status", "No", choices(*DISABILITY), DISABILITY[1]),
        ("disability-status", "Yes", choices(*DISABILITY), DISABILITY[0]),
        ("veteran-status", "No", choices(*VETERAN), VETERAN[0]),
        ("veteran-status", "prefer not to answer", choices(*VETERAN), VETERAN[2]),
        ("hispanic-latino", "No", choices("Hispanic or Latino", "Not Hispanic or Latino"), "Not Hispanic or Latino"),
        ("race-ethnicity", "White", choices("Asian (USA)", "White (USA)"), "White (USA)"),
        ("degree", "Bachelor of Science", choices("High School Diploma/GED", "Associates", "Bachelors"), "Bachelors"),
        ("degree", "PhD", choices("Bachelor's", "Doctorate"), "Doctorate"),
        ("employment-type", "Full-time", choices("Vollzeit", "Teilzeit"), "Vollzeit"),
        ("remote-preference", "Remote", choices("At home", "In an office", "A mix of both"), "At home"),
        ("years-of-experience", "5", choices("New grad", "Less than 1", "1-2", "3-5", "6-10"), "3-5"),
        ("years-of-experience", "3", choices("<1 yr", "1-3 yrs", "3-6 yrs", "10+ yrs"), "3-6 yrs"),
        ("years-of-experience", "40", choices("<1 yr", "1-3 yrs", "10+ yrs"), "10+ yrs"),
        ("years-of-experience", "many", choices("1-3 yrs", "10+ yrs"), "refused: no-matching-option"),
        ("age", "55", choices("Under 18", "18-24", "Over 50"), "Over 50"),
        ("age", "17", choices("Under 18", "18-24", "Over 50"), "Under 18"),
        ("age", "34", choices("Under 18", "18-24", "Over 50"), "refused: no-matching-option"),
        ("desired-salary", "$75,000", choices("$50,000 - $70,000", "$70,000–$90,000", "$90k+"), "$70,000–$90,000"),
        ("tel-country-code", "+49", choices("🇬🇷 +30", "🇩🇪 +49"), "🇩🇪 +49"),
        ("tel-country-code", "+1", choices("🇨🇦 +1", "🇺🇸 +1"), "🇺🇸 +1"),
        ("tel-country-code", "+44", choices(("US", "United States"), ("GB", "United Kingdom")), "GB"),
        ("tel-country-code", "+999", choices("+1", "+49"), "refused: no-matching-option"),
        ("tel-country-code", "none", choices("+1", "+49"), "refused: no-matching-option"),
        ("skills", "Python, Go", choices("Java", "Go"), "Go"),
    ],
)
def test_an_option_is_found_by_text_code_range_or_an_equivalent_word(
    canonical: str, value: str, options: list[object], chosen: str, encoder: OnnxEncoder
) -> None:
    assert filled(canonical, value, encoder, type="select-one", options=options) == chosen


def test_options_that_repeat_a_value_are_chosen_only_where_a_client_would_find_them() -> None:
    options = choices(("1", "Male"), ("1", "Female"), ("2", "Other"))

    assert filled("gender", "Female", type="select", options=options) == "refused: no-matching-option"
    assert filled("gender", "Male", type="select", options=options) == "1"


def test_the_profiles_country_tells_shared_dial_codes_and_states_apart() -> None:
    codes = choices("United States of America (+1)", "Canada (+1)", "Germany (+49)")
    states = choices(("1", "Western Australia"), ("2", "Victoria"))

    assert filled("tel-country-code", "+1", profile={"country": "CA"}, type="select", options=codes) == "Canada (+1)"
    assert filled("address-level1", "WA", profile={"country": "AU"}, type="select", options=states) == "1"


@pytest.mark.parametrize(
    "placeholder", ["Select…", "--", "", "-- Bitte wählen --", "Land auswählen …", "選択してください", "— Make a Selection —", "--चुनें--"]
)
def test_a_prompt_is_never_chosen(placeholder: str, encoder: OnnxEncoder) -> None:
    options = choices(("", placeholder))

    assert filled("referral-source", placeholder or "x", encoder, type="select", options=options) == "refused: no-matching-option"


def test_the_option_nearest_in_meaning_is_chosen_with_a_warning_if_it_stands_out(encoder: OnnxEncoder) -> None:
    options = choices("recruiter name remote email", "office phone first remote")

    assert (
        filled("referral-source", "recruiter friend name remote", encoder, type="select", options=options) == "recruiter name remote email"
    )
    assert warned("referral-source", "recruiter friend name remote", encoder, type="select", options=options) == "nearest-option"


def test_the_encoder_does_not_cache_the_users_value(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path)

    filled("referral-source", "friend recruiter", encoder, type="select", options=choices("office", "search"))

    assert set(encoder._cache) == {"office", "search"}


def test_an_option_that_is_far_or_does_not_stand_out_is_not_guessed(encoder: OnnxEncoder) -> None:
    far = choices("office", "search")
    assert filled("referral-source", "friend", encoder, type="select", options=far) == "refused: no-matching-option"
    assert (
        filled("referral-source", "friend", encoder, type="select", options=choices("not a friend", "no friend"))
        == "refused: no-matching-option"
    )


def test_personal_answers_and_codes_are_never_guessed_by_meaning() -> None:
    for canonical in ("gender", "veteran-status", "country", "bday-month", "age"):
        assert filled(canonical, "friend", type="select", options=choices("office", "search")) == "refused: no-matching-option"


def test_one_of_several_answers_comes_with_a_warning() -> None:
    assert warned("skills", "Python; Go", type="select-multiple", options=choices("Java", "Go")) == "one-of-several"


@pytest.mark.parametrize(
    ("field", "canonical", "value", "chosen"),
    [
        ({"options": ["Yes", "No"]}, "willing-to-relocate", "true", "Yes"),
        ({"label": "Female"}, "sex", "female", "true"),
        ({"label": "Weiblich"}, "sex", "female", "true"),
        ({"label": "Male"}, "sex", "female", "refused: no-matching-option"),
        ({}, "sex", "female", "refused: no-matching-option"),
    ],
)
def test_a_radio_button_is_chosen_by_its_options_or_its_own_label(
    field: dict[str, object], canonical: str, value: str, chosen: str
) -> None:
    assert filled(canonical, value, encoder=None, type="radio", **field) == chosen


@pytest.mark.parametrize(
    ("canonical", "value", "field", "ticked"),
    [
        ("willing-to-relocate", "Yes", {}, "true"),
        ("willing-to-relocate", "nein", {}, "refused: answer-is-no"),
        ("willing-to-relocate", "perhaps", {}, "refused: not-yes-or-no"),
        ("given-name", "Yes", {}, "refused: not-yes-or-no"),
        ("employment-type", "Full-time", {"options": ["Full time", "Part time"]}, "Full time"),
    ],
)
def test_a_box_is_ticked_only_for_a_yes_or_no(canonical: str, value: str, field: dict[str, object], ticked: str) -> None:
    assert filled(canonical, value, type="checkbox", **field) == ticked


texts = st.text(max_size=12) | st.sampled_from(["Yes", "No", "Select", "--", "US", "Germany", "3", "March", "+1", "18-24", "Mr", "Female"])
options = st.lists(st.fixed_dictionaries({"value": texts, "text": texts}), max_size=8)
IDS = (
    *("country", "address-level1", "bday-month", "bday-day", "job-start-date", "gender", "honorific-prefix", "age"),
    *("skills", "school", "tel-country-code", "language", "veteran-status"),
)
canonicals = st.sampled_from(IDS)


@given(canonicals, texts.filter(lambda text: text.strip("\x00 ")), options)
def test_a_select_gets_one_of_its_own_options_or_nothing(
    encoder: OnnxEncoder, canonical: str, value: str, options: list[dict[str, str]]
) -> None:
    written = filled(canonical, value, encoder, type="select-one", options=options)

    own = {answer for option in options for answer in (option["value"], option["text"].replace("\x00", "").strip())}
    assert written.startswith("refused: ") or written in {answer.replace("\x00", "") for answer in own}
