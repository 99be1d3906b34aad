"""Filling several matches of one form: radios and boxes of one question, repeated blocks, boxes of one character."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests.support.filling import NoEncoder, response
from tests.support.questions import PROFILE

from fieldwise_backend.flatten import names
from fieldwise_common.wire import FieldSlice, FillResponse, Match, MlFillRequest
from fieldwise_inference.fill.dispatch import fill
from fieldwise_inference.fill.form import FAMILY_FIRST


def answered(profile: Mapping[str, str], *matches: tuple[str, dict[str, Any]]) -> FillResponse:
    """A request with these matches, each an id and its field; `entry` is the match's own. Selectors are positions."""
    made = [
        Match(selector=str(n), canonical=canonical, entry=field.get("entry"), field=FieldSlice.model_validate(field))
        for n, (canonical, field) in enumerate(matches)
    ]
    return fill(MlFillRequest(user_profile=dict(profile), matches=tuple(made)), NoEncoder())


def written(answer: FillResponse) -> dict[str, str]:
    """The value or the reason of every match, by its position."""
    return {**{f.selector: f.value for f in answer.fills}, **{u.selector: u.reason for u in answer.unfilled}}


def ticked(canonical: str, labels: Sequence[str], profile: Mapping[str, str] = PROFILE, **field: Any) -> list[str]:
    """The labels that are ticked, of the radios or boxes of one question."""
    answer = answered(profile, *((canonical, {"label": label, **field}) for label in labels))
    assert all(f.value == "true" and f.action == "check" and f.text == labels[int(f.selector)] for f in answer.fills)
    return [f.text for f in answer.fills]


AUTHORIZATION, SPONSORSHIP, RELOCATION = "work-authorization", "visa-sponsorship", "willing-to-relocate"
WITHOUT = "Are you authorized to work in the US without sponsorship?"


@pytest.mark.parametrize(
    ("canonical", "group", "labels", "ticked_label"),
    [
        (RELOCATION, "Are you willing to relocate?", ["Yes", "No"], "No"),
        (RELOCATION, "Are you willing to relocate?", ["Yes, I am willing to work in Boston", "No, I am not"], "No, I am not"),
        (RELOCATION, "Are you willing to relocate?", ["Yes", "No", "Yes", "No"], "No"),
        (SPONSORSHIP, "Will you require sponsorship?", ["Yes, I will require sponsorship", "No, I will not"], "No, I will not"),
        (SPONSORSHIP, "I do NOT require visa sponsorship", ["True", "False"], "True"),
        (SPONSORSHIP, "I do not require sponsorship", ["Agree", "Disagree"], "Agree"),
        (SPONSORSHIP, WITHOUT, ["Yes", "No"], "Yes"),
        (AUTHORIZATION, WITHOUT, ["Yes", "No, I will require sponsorship"], "Yes"),
        (
            AUTHORIZATION,
            "",
            ["I am authorized to work for any employer", "I require sponsorship"],
            "I am authorized to work for any employer",
        ),
        (
            AUTHORIZATION,
            "Are you authorized to work?",
            ["Yes, but only with sponsorship", "Yes, for any employer", "No"],
            "Yes, for any employer",
        ),
        (AUTHORIZATION, "Are you authorized to work in Canada?", ["Yes", "No"], None),
        (SPONSORSHIP, "Do you not require sponsorship?", ["Yes", "No"], None),
        (RELOCATION, "Would you relocate?", ["Maybe", "Perhaps"], None),
        ("gender", "Gender", ["Male", "Female", "Decline to answer"], "Female"),
        (
            "disability-status",
            "Disability",
            ["Yes, I have a disability", "I do not want to answer", "No, I don't have one"],
            "No, I don't have one",
        ),
        ("notice-period", "Notice period", ["Immediately", "1 month", "2 months"], "1 month"),
        ("age-confirmation", "Your age", ["Under 18", "18 or older"], "18 or older"),
    ],
)
@pytest.mark.parametrize("question", ["", "decision-1"])
def test_exactly_one_radio_of_a_question_is_ticked(
    canonical: str, group: str, labels: list[str], ticked_label: str | None, question: str
) -> None:
    profile = {**PROFILE, "gender": "Female", "notice-period": "4 weeks"}

    assert ticked(canonical, labels, profile, type="radio", group=group, question=question) == ([ticked_label] if ticked_label else [])


def test_the_other_radios_of_a_question_are_named_as_such() -> None:
    answer = answered(
        {"gender": "Female"}, ("gender", {"type": "radio", "label": "Male"}), ("gender", {"type": "radio", "label": "Female"})
    )

    assert written(answer) == {"0": "another-option", "1": "true"}


@pytest.mark.parametrize(
    ("canonical", "value", "labels", "expected"),
    [
        ("skills", "Python, SQL, Apache Kafka", ["Python", "Java", "Apache Kafka"], ["Python", "Apache Kafka"]),
        ("race-ethnicity", "White, Asian", ["White", "Asian", "Black or African American"], ["White", "Asian"]),
        ("employment-type", "Full-time; Contract", ["Full time", "Part time", "Contractor"], ["Full time", "Contractor"]),
        ("employment-type", "Full-time", ["Part time"], []),
        ("language", "en", ["English", "Spanish"], ["English"]),
        (AUTHORIZATION, "Yes", ["Yes", "No"], ["Yes"]),
        (
            AUTHORIZATION,
            "Yes",
            ["I am authorized to work", "I do not require sponsorship"],
            ["I am authorized to work", "I do not require sponsorship"],
        ),
        (
            "disability-status",
            "No",
            ["Yes, I have a disability", "No, I do not have a disability", "I do not wish to answer"],
            ["No, I do not have a disability"],
        ),
        ("given-name", "Ada", ["Ada", "Bob"], []),
    ],
)
def test_each_box_that_is_an_answer_is_ticked(canonical: str, value: str, labels: list[str], expected: list[str]) -> None:
    profile = {**PROFILE, canonical: value}

    assert ticked(canonical, labels, profile, type="checkbox", group="Choose all that apply") == expected


@pytest.mark.parametrize(
    ("canonical", "label"),
    [
        (SPONSORSHIP, "I require visa sponsorship"),
        (RELOCATION, "I am willing to relocate"),
        ("previously-employed", "I have been employed here before"),
    ],
)
def test_a_lone_box_whose_answer_is_no_is_not_in_fills(canonical: str, label: str) -> None:
    assert written(answered(PROFILE, (canonical, {"type": "checkbox", "label": label}))) == {"0": "answer-is-no"}


def test_three_hundred_radios_of_one_group_get_one_answer() -> None:
    assert ticked("gender", ["Female"] * 300, {"gender": "Female"}, type="radio", group="Gender") == ["Female"]


def test_a_question_whose_members_have_several_ids_is_not_answered() -> None:
    radios = [(canonical, {"type": "radio", "label": "Yes", "question": "q"}) for canonical in (AUTHORIZATION, SPONSORSHIP)]

    assert written(answered(PROFILE, *radios)) == {"0": "other-question", "1": "other-question"}


@pytest.mark.parametrize(("state", "reason"), [("filled", "already-filled"), ("readonly", "read-only"), ("disabled", "disabled")])
def test_what_the_user_or_the_page_has_set_is_left_alone(state: str, reason: str) -> None:
    assert written(answered({"given-name": "Ada"}, ("given-name", {"type": "text", state: True}))) == {"0": reason}


def test_one_chosen_radio_answers_its_question_and_a_disabled_one_is_not_replaced_by_another() -> None:
    male, female = {"type": "radio", "label": "Male"}, {"type": "radio", "label": "Female"}

    assert written(answered({"gender": "Female"}, ("gender", {**male, "filled": True}), ("gender", female))) == {
        "0": "already-filled",
        "1": "already-filled",
    }
    assert written(answered({"gender": "Female"}, ("gender", male), ("gender", {**female, "disabled": True}))) == {
        "0": "another-option",
        "1": "disabled",
    }


def test_a_second_block_gets_the_second_entry_or_nothing() -> None:
    profile = {"organization": "First", "organization#1": "First", "organization#2": "Second", "job-start-date": "2020-01"}
    blocks = [("organization", {"type": "text", "entry": number}) for number in (1, 2, 3)]

    answer = answered(profile, *blocks, ("job-start-date", {"type": "text", "entry": 2}))

    assert written(answer) == {"0": "First", "1": "Second", "2": "no-such-entry", "3": "no-value"}
    assert [f.entry for f in answer.fills] == [1, 2]


def test_a_text_box_after_a_choice_of_the_same_id_stays_empty() -> None:
    choice = ("gender", {"type": "select-one", "options": ["Male", "Female"]})

    assert written(answered({"gender": "Female"}, choice, ("gender", {"type": "text", "label": "Gender"}))) == {
        "0": "Female",
        "1": "follow-up",
    }


@pytest.mark.parametrize(
    ("canonical", "value", "count", "expected"),
    [
        ("postal-code", "02128", 5, "02128"),
        ("postal-code", "SW1A 1AA", 7, "SW1A1AA"),
        ("postal-code", "02128", 4, None),
        ("tel", "+16175550142", 10, "6175550142"),
        ("tel", "+16175550142", 11, "16175550142"),
        ("tel", "+16175550142", 9, None),
        ("bday-day", "7", 2, "07"),
        ("bday-month", "4", 2, "04"),
        ("bday-year", "1991", 4, "1991"),
        ("bday-year", "1991", 2, None),
        ("bday", "1991-04-07", 8, None),
    ],
)
def test_boxes_of_one_character_get_one_each_or_none(canonical: str, value: str, count: int, expected: str | None) -> None:
    profile = {canonical: value, "country": "US"}
    found = written(answered(profile, *[(canonical, {"type": "text", "maxlength": 1})] * count))

    assert "".join(found.values()) == expected if expected else set(found.values()) == {"split-mismatch"}


STREET = {
    "street-address": "48 Harbor View Road\nApt 5B",
    "address-line1": "48 Harbor View Road",
    "address-line2": "Apt 5B",
    "street-name": "Harbor View Road",
    "house-number": "48",
    "unit": "5B",
}


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["street-address"], ["48 Harbor View Road, Apt 5B"]),
        (["street-address", "house-number"], ["Harbor View Road", "48"]),
        (["address-line1", "house-number", "address-line2"], ["Harbor View Road", "48", "Apt 5B"]),
        (["address-line1", "unit"], ["48 Harbor View Road", "5B"]),
        (["street-address", "unit"], ["48 Harbor View Road", "5B"]),
        (["street-address", "address-line2"], ["48 Harbor View Road", "Apt 5B"]),
        (["address-line1", "address-line2", "unit"], ["48 Harbor View Road", "in-another-field", "5B"]),
    ],
)
def test_a_part_with_a_box_of_its_own_is_not_written_twice(ids: list[str], expected: list[str]) -> None:
    found = written(answered(STREET, *((canonical, {"type": "text"}) for canonical in ids)))

    assert [found[str(number)] for number in range(len(ids))] == expected


def test_a_house_number_in_another_section_or_without_a_value_leaves_the_street_whole() -> None:
    billing, shipping = {"type": "text", "section": "Billing"}, {"type": "text", "section": "Shipping"}
    unsplit = {"address-line1": "48 Harbor View Road"}

    assert written(answered(STREET, ("address-line1", billing), ("house-number", shipping)))["0"] == "48 Harbor View Road"
    assert written(answered(unsplit, ("address-line1", billing), ("house-number", billing)))["0"] == "48 Harbor View Road"


def test_months_beside_years_of_experience_are_the_rest_that_no_profile_has() -> None:
    boxes = [("years-of-experience", {"type": "number", "label": label}) for label in ("Years of experience", "Months of experience")]

    assert written(answered({"years-of-experience": "10"}, *boxes)) == {"0": "10", "1": "unit-unknown"}


def test_a_current_job_ends_at_present_in_a_text_box_only() -> None:
    profile = {"current-job": "Yes", "job-start-date": "2021-03"}

    assert written(answered(profile, ("job-end-date", {"type": "text", "label": "End date"}))) == {"0": "Present"}
    assert written(answered(profile, ("job-end-date", {"type": "select", "options": ["2025", "2026", "Present"]}))) == {"0": "Present"}
    assert written(answered(profile, ("job-end-date", {"type": "month", "label": "End"}))) == {"0": "bad-date"}
    assert written(answered(profile, ("job-end-month", {"type": "text"}), ("job-end-year", {"type": "text"}))) == {
        "0": "no-value",
        "1": "no-value",
    }
    assert written(answered(profile, ("job-end-date", {"type": "text"}), ("current-job", {"type": "checkbox"}))) == {
        "0": "no-value",
        "1": "true",
    }


@pytest.mark.parametrize(
    ("canonical", "field", "value", "action", "text"),
    [
        ("country", {"type": "select-one", "options": [{"value": "840", "text": "United States"}]}, "840", "choose", "United States"),
        ("country", {"type": "combobox"}, "United States", "type-then-choose", ""),
        ("country", {"type": "combobox", "options": ["United States"]}, "United States", "choose", "United States"),
        ("country", {"type": "text"}, "United States", "type", ""),
        (AUTHORIZATION, {"type": "checkbox", "label": "Authorized to work"}, "true", "check", "Authorized to work"),
    ],
)
def test_a_fill_says_what_to_do_with_it(canonical: str, field: dict[str, Any], value: str, action: str, text: str) -> None:
    (filled,) = answered({"country": "US", AUTHORIZATION: "Yes"}, (canonical, field)).fills

    assert (filled.value, filled.action, filled.text) == (value, action, text)


@pytest.mark.parametrize("field", [{"type": "select-multiple"}, {"type": "select-one", "multiple": True}])
def test_a_select_of_several_gets_all_that_are_answers(field: dict[str, Any]) -> None:
    (filled,) = response("skills", {"skills": "Python, SQL, AWS"}, options=["Java", "SQL", "Python"], **field).fills

    assert (filled.value, filled.values, filled.action) == ("Python", ("Python", "SQL"), "choose")


def test_text_with_several_lines_keeps_them_where_the_page_made_a_box_of_its_own() -> None:
    assert written(answered({"cover-letter": "Dear all,\nhello"}, ("cover-letter", {"type": "textbox"}))) == {"0": "Dear all,\nhello"}


def test_a_group_on_a_text_box_and_repeated_values_change_nothing() -> None:
    name = ("given-name", {"type": "text", "group": "Are you not willing?", "section": "x" * 10_000, "entry": -1})
    country = ("country", {"type": "select", "options": [{"value": "1", "text": "United States"}] * 3})

    assert written(answered({"given-name": "Ada", "country": "US"}, name, name, country)) == {"0": "Ada", "1": "Ada", "2": "1"}


@pytest.mark.parametrize(
    ("canonical", "value", "number"),
    [
        ("house-number", "263-2", "not-a-number"),
        ("house-number", "1-2-3", "not-a-number"),
        ("unit", "12 34", "not-a-number"),
        ("house-number", "48", "48"),
        ("postal-code", "30309-1234", "30309"),
        ("postal-code", "100-0005", "1000005"),
    ],
)
def test_a_number_box_gets_no_other_house_and_no_other_town(canonical: str, value: str, number: str) -> None:
    assert written(answered({canonical: value}, (canonical, {"type": "number"}))) == {"0": number}


@pytest.mark.parametrize(
    ("field", "end"),
    [
        ({"label": "To (or leave empty)"}, "Present"),
        ({"label": "", "lang": "en-GB"}, "Present"),
        ({"label": "bis"}, "no-value"),
        ({"label": "Date de fin"}, "no-value"),
        ({"label": "End", "lang": "de"}, "no-value"),
        ({"label": "終了"}, "no-value"),
        ({"label": ""}, "no-value"),
    ],
)
def test_a_current_job_ends_at_present_in_english_only(field: dict[str, Any], end: str) -> None:
    assert written(answered({"current-job": "Yes"}, ("job-end-date", {"type": "text", **field}))) == {"0": end}


PHONES = {
    "DE": {"country": "DE", "tel": "+491712345678", "tel-country-code": "+49", "tel-national": "01712345678", "tel-area-code": "171"},
    "IN": {"country": "IN", "tel": "+919845012345", "tel-country-code": "+91", "tel-national": "09845012345"},
    "RU": {"country": "RU", "tel": "+79123456789", "tel-country-code": "+7", "tel-national": "89123456789", "tel-area-code": "912"},
    "IT": {"country": "IT", "tel": "+390612345678", "tel-country-code": "+39", "tel-national": "0612345678"},
    "JP": {"country": "JP", "tel": "+819012345678", "tel-country-code": "+81", "tel-national": "09012345678", "tel-area-code": "90"},
    "FR": {"country": "FR", "tel": "+33612345678", "tel-country-code": "+33", "tel-national": "0612345678", "tel-area-code": "6"},
}
CODES = {"type": "select-one", "options": ["+1", "+7", "+33", "+39", "+49", "+91"]}


@pytest.mark.parametrize(
    ("user", "digits"), [("DE", "1712345678"), ("IN", "9845012345"), ("RU", "9123456789"), ("IT", "0612345678"), ("FR", "612345678")]
)
@pytest.mark.parametrize("canonical", ["tel", "tel-national"])
@pytest.mark.parametrize("kind", ["tel", "number"])
def test_a_number_beside_its_dial_code_repeats_neither_the_code_nor_the_prefix_it_replaces(
    user: str, digits: str, canonical: str, kind: str
) -> None:
    answer = answered(PHONES[user], ("tel-country-code", CODES), (canonical, {"type": kind}))

    assert written(answer) == {"0": PHONES[user]["tel-country-code"], "1": digits}


def test_a_number_keeps_its_dial_code_beside_a_list_that_lacks_it_or_where_it_is_shown() -> None:
    lacks_it = {"type": "select-one", "options": ["+1", "+44"]}

    assert written(answered(PHONES["DE"], ("tel-country-code", lacks_it), ("tel", {})))["1"] == "+491712345678"
    assert written(answered(PHONES["DE"], ("tel-country-code", CODES), ("tel", {"placeholder": "+49..."})))["1"] == "+491712345678"


@pytest.mark.parametrize(("user", "code"), [("DE", "0171"), ("JP", "090"), ("FR", "06"), ("RU", "912")])
def test_an_area_code_has_its_prefix_unless_the_dial_code_is_beside_it(user: str, code: str) -> None:
    profile = PHONES[user]

    assert written(answered(profile, ("tel-area-code", {"type": "text"}))) == {"0": code}
    assert written(answered(profile, ("tel-country-code", {}), ("tel-area-code", {})))["1"] == profile["tel-area-code"]


@pytest.mark.parametrize(
    ("user", "field", "digits"),
    [
        ("IN", {"maxlength": 10}, "9845012345"),
        ("RU", {"pattern": "[0-9]{10}"}, "9123456789"),
        ("DE", {"maxlength": 10}, "too-long"),
        ("FR", {"placeholder": "(555) 555-5555"}, "+33612345678"),
        ("FR", {"placeholder": "06 12 34 56 78"}, "06 12 34 56 78"),
    ],
)
def test_a_number_is_not_written_as_one_of_another_country(user: str, field: dict[str, Any], digits: str) -> None:
    assert written(answered(PHONES[user], ("tel", field))) == {"0": digits}


def test_signs_tell_one_skill_from_another_and_a_list_is_read_item_by_item() -> None:
    profile = {"skills": "C++, MATLAB"}
    answer = answered(profile, ("skills", {"type": "select-multiple", "options": ["C", "C++", "C#", "MATLAB"]}))

    assert answer.fills[0].values == ("C++", "MATLAB")
    assert written(answered({"skills": "C#, MATLAB"}, ("skills", {"type": "select-one", "options": ["C", "MATLAB"]}))) == {"0": "MATLAB"}
    one = answered(profile, ("skills", {"type": "select-one", "options": ["C", "C++", "MATLAB"]})).fills[0]
    assert (one.value, one.values) == ("C++", ())


@pytest.mark.parametrize(
    ("parts", "line1", "rest"),
    [
        (("Rua das Flores", "123", "45"), "Rua das Flores, 123, Apto 45 Bloco B", "Apto 45 Bloco B"),
        (("ул. Ленина", "10", "45"), "ул. Ленина, д. 10, корп. 2, кв. 45", "корп. 2, кв. 45"),
        (("Calle de Alcalá", "45", "B"), "Calle de Alcalá 45, 3º B", "3º B"),
        (("Main St", "48", "5B"), "48 Main St Apt 5B", "Apt 5B"),
        (("Hauptstr.", "5", "12"), "Hauptstr. 5, Wohnung 12", "Wohnung 12"),
        (("High Street", "12", "3"), "Flat 3, 12 High Street", "Flat 3"),
        (("Rua das Flores", "123", ""), "Rua das Flores, 123 - Jardim Paulista", "no-value"),
        (("Rua das Flores", "123", "45"), "Another street 1", "no-value"),
        (("", "", ""), "Rua das Flores", "no-value"),
    ],
)
def test_a_second_line_beside_a_house_number_gets_the_flat_that_the_first_line_has(
    parts: tuple[str, str, str], line1: str, rest: str
) -> None:
    profile = {"address-line1": line1, **dict(zip(("street-name", "house-number", "unit"), parts, strict=True))}
    boxes = ("street-name", {}), ("house-number", {}), ("address-line2", {})

    assert written(answered(profile, *boxes))["2"] == rest
    assert written(answered(profile, ("address-line1", {}), ("address-line2", {})))["1"] == "no-value"


def test_a_house_number_fits_without_its_space() -> None:
    assert written(answered({"house-number": "12 bis"}, ("house-number", {"maxlength": 5}))) == {"0": "12bis"}


def test_a_box_for_a_whole_number_gets_no_area_code() -> None:
    profile = {"tel-area-code": "617", "tel-local": "5550142"}

    assert written(answered(profile, ("tel-area-code", {"maxlength": 10}))) == {"0": "other-question"}
    assert written(answered(profile, ("tel-area-code", {"maxlength": 3}))) == {"0": "617"}
    assert written(answered(profile, ("tel-area-code", {"maxlength": 10}), ("tel-local", {}))) == {"0": "617", "1": "5550142"}


@pytest.mark.parametrize(
    ("boxes", "second"),
    [
        (("building",), "Bâtiment C, 4e étage"),
        (("building", "floor"), "in-another-field"),
        (("unit",), "Bâtiment C, 4e étage"),
        ((), "Bâtiment C, 4e étage"),
    ],
)
def test_a_second_line_is_left_out_only_where_each_of_its_parts_has_a_box(boxes: tuple[str, ...], second: str) -> None:
    profile = {"address-line2": "Bâtiment C, 4e étage", "building": "C", "floor": "4"}

    assert written(answered(profile, ("address-line2", {}), *((box, {}) for box in boxes)))["0"] == second


def test_labels_that_differ_by_a_sign_are_two_answers() -> None:
    assert ticked("skills", ["C", "C++", "MATLAB"], {"skills": "C++, MATLAB"}, type="checkbox", group="Skills") == ["C++", "MATLAB"]
    bands = ["< 2 years", "2 years", "> 2 years"]
    assert ticked("years-of-experience", bands, {"years-of-experience": "5"}, type="radio", group="Experience") == ["> 2 years"]


@pytest.mark.parametrize(("last", "chosen"), [("> 10 years", "5-10"), ("Over 10", "5-10"), ("10+", "10+"), ("10 and over", "10 and over")])
def test_ten_is_not_more_than_ten(last: str, chosen: str) -> None:
    field = {"type": "select-one", "options": ["0-5", "5-10", last]}

    assert written(answered({"years-of-experience": "10"}, ("years-of-experience", field))) == {"0": chosen}


def test_a_graduation_is_written_with_its_month_where_the_box_shows_it() -> None:
    box, month = ("graduation-year", {"label": "Graduation (MM/YYYY)"}), ("education-end-month", {})
    profile = {"graduation-year": "2016", "education-end-date": "2016-05", "education-end-month": "2016-05"}

    assert written(answered(profile, box)) == {"0": "05/2016"}
    assert written(answered({"graduation-year": "2016"}, box)) == {"0": "incomplete-date"}
    assert written(answered(profile, box, month))["0"] == "2016"


HUNGARIAN = {"name": "Anna Mária Kovács", "given-name": "Anna", "additional-name": "Mária", "family-name": "Kovács", "country": "Hungary"}


@pytest.mark.parametrize(
    ("lang", "profile", "name"),
    [
        ("hu-HU", HUNGARIAN, "Kovács Anna Mária"),
        ("hu_HU", HUNGARIAN, "Kovács Anna Mária"),
        ("hu", {**HUNGARIAN, "name": "Anna Kovács", "additional-name": ""}, "Kovács Anna"),
        ("hu", {**HUNGARIAN, "name": "dr. Kovács Anna Mária"}, "dr. Kovács Anna Mária"),
        ("hu", {**HUNGARIAN, "name": "Anna Mária Kovács Jr."}, "Anna Mária Kovács Jr."),
        ("en", HUNGARIAN, "Anna Mária Kovács"),
        ("", HUNGARIAN, "Anna Mária Kovács"),
        ("hu", {**HUNGARIAN, "country": "Germany"}, "Anna Mária Kovács"),
        ("hu", {**HUNGARIAN, "given-name": ""}, "Anna Mária Kovács"),
        (
            "vi",
            {"name": "Lan Thi Nguyen", "given-name": "Lan", "additional-name": "Thi", "family-name": "Nguyen", "country": "VN"},
            "Nguyen Thi Lan",
        ),
    ],
)
def test_a_full_name_is_in_the_order_of_its_form_if_it_is_the_users_own(lang: str, profile: dict[str, str], name: str) -> None:
    assert written(answered(profile, ("name", {"lang": lang, "label": "?"}))) == {"0": name}


def test_names_are_written_family_first_for_the_countries_whose_names_are_split_so() -> None:
    assert {country for country, _ in FAMILY_FIRST.values()} == names.FAMILY_FIRST
