import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_backend.flatten.addresses import country_code, iso_country_code
from fieldwise_backend.flatten.derivations import DERIVATIONS
from fieldwise_backend.flatten.mapping import flatten, parse_mapping, shipped_mapping
from fieldwise_backend.flatten.names import NameParts, split_name
from fieldwise_backend.flatten.phones import PhoneParts, split_phone
from fieldwise_backend.profile.parsing import parse_profile
from fieldwise_backend.profile.schema import Address, Profile
from fieldwise_common.canonical import catalogue
from fieldwise_common.errors import DataError

TODAY = date(2026, 11, 22)
EXAMPLE = Path(__file__).parents[3] / "examples" / "profile.json"

FILLABLE_IDS = {row.id for row in catalogue().values() if not row.secret and not row.is_negative}


def flat(**document: Any) -> dict[str, str]:
    return flatten(parse_profile(document), TODAY)


def test_every_derivation_is_used() -> None:
    used = {s.removesuffix("()") for sources in shipped_mapping().values() for s in sources if s.endswith("()")}

    assert used == set(DERIVATIONS)


def test_the_example_profile_has_a_value_for_every_fillable_id() -> None:
    profile = parse_profile(json.loads(EXAMPLE.read_text(encoding="utf-8")))

    values = flatten(profile, TODAY)

    assert set(values) == FILLABLE_IDS


def test_an_empty_profile_is_empty() -> None:
    assert flatten(Profile(), TODAY) == {}


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ('cc-number = ["username"]', "cc-number"),
        ('"none:search" = ["username"]', "none:search"),
        ('email = "contact.email"', "email"),
        ("email = []", "email"),
        ('email = ["guess()"]', "guess()"),
    ],
)
def test_a_bad_mapping_is_refused_by_name(text: str, culprit: str) -> None:
    with pytest.raises(DataError, match=culprit.replace("(", r"\(").replace(")", r"\)")):
        parse_mapping(text)


def test_the_full_name_is_joined_from_its_parts() -> None:
    assert flat(name={"prefix": "Dr.", "given": "Ada", "family": "Lovelace", "suffix": "Jr."})["name"] == "Ada Lovelace Jr."
    assert flat(name={"given": "太郎", "family": "山田"})["name"] == "山田太郎"
    assert "name" not in flat(name={"prefix": "Dr."})


def test_the_parts_win_over_the_full_name() -> None:
    values = flat(name={"full": "Augusta Ada King", "given": "Ada"})

    assert (values["name"], values["given-name"], values["family-name"]) == ("Augusta Ada King", "Ada", "King")


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ada Lovelace", NameParts(given="Ada", family="Lovelace")),
        ("Ada King Lovelace", NameParts(given="Ada", additional="King", family="Lovelace")),
        ("Dr. Ada Lovelace, PhD", NameParts("Dr.", "Ada", "", "Lovelace", "PhD")),
        ("Ludwig van Beethoven", NameParts(given="Ludwig", family="van Beethoven")),
        ("María de la Cruz", NameParts(given="María", family="de la Cruz")),
        ("Lovelace, Ada King", NameParts(given="Ada", additional="King", family="Lovelace")),
        ("山田 太郎", NameParts(given="太郎", family="山田")),
        ("Prince", NameParts()),
        ("", NameParts()),
    ],
)
def test_a_full_name_is_split(full: str, parts: NameParts) -> None:
    assert split_name(full) == parts


@pytest.mark.parametrize(
    ("number", "region", "parts"),
    [
        ("(617) 555-0142 x28", "US", PhoneParts("+16175550142", "+1", "6175550142", "617", "5550142", "555", "0142", "28")),
        ("+1 617 555 0142", None, PhoneParts("+16175550142", "+1", "6175550142", "617", "5550142", "555", "0142")),
        ("020 7946 0018", "GB", PhoneParts("+442079460018", "+44", "02079460018", "20", "79460018", "7946", "0018")),
        ("+81 90 1234 5678", "US", PhoneParts("+819012345678", "+81", "09012345678", "90", "12345678", "1234", "5678")),
        ("+39 06 1234 5678", None, PhoneParts("+390612345678", "+39", "0612345678", "06", "12345678", "1234", "5678")),
        ("617 555 0142", None, PhoneParts()),
        ("12", "US", PhoneParts()),
        ("call me", "US", PhoneParts()),
        ("", None, PhoneParts()),
    ],
)
def test_a_phone_number_is_split(number: str, region: str | None, parts: PhoneParts) -> None:
    assert split_phone(number, region) == parts


@pytest.mark.parametrize("country", ["Germany", "DE", "Deutschland", "Alemania", "ドイツ"])
def test_a_national_number_belongs_to_the_country_of_the_address(country: str) -> None:
    values = flat(contact={"tel": "030 901820"}, address={"country": country})

    assert (values["tel"], values["tel-country-code"], values["tel-area-code"]) == ("+4930901820", "+49", "30")


def test_a_phone_number_that_cannot_be_parsed_stays_as_it_is_and_has_no_parts() -> None:
    values = flat(contact={"tel": "617 555 0142", "tel_extension": "9"})

    assert {k: v for k, v in values.items() if k.startswith("tel")} == {"tel": "617 555 0142", "tel-extension": "9"}


def test_the_birthday_comes_whole_and_in_parts() -> None:
    values = flat(birthday="1991-04-07")

    assert [values[k] for k in ("bday", "bday-day", "bday-month", "bday-year")] == ["1991-04-07", "7", "4", "1991"]


@pytest.mark.parametrize(
    ("birthday", "age", "is_adult"),
    [("2008-11-22", "18", "Yes"), ("2008-11-23", "17", "No"), ("2000-02-29", "26", "Yes")],
)
def test_the_age_follows_from_the_birthday(birthday: str, age: str, is_adult: str) -> None:
    values = flat(birthday=birthday)

    assert (values["age"], values["age-confirmation"]) == (age, is_adult)


def test_address_lines_come_from_the_street() -> None:
    values = flat(address={"street": "1 Long Road\nApt 2\nRear\nLeft"})

    assert [values[f"address-line{n}"] for n in (1, 2, 3)] == ["1 Long Road", "Apt 2", "Rear, Left"]
    assert values["street-address"] == "1 Long Road\nApt 2\nRear\nLeft"


def test_the_street_comes_from_the_address_lines() -> None:
    assert flat(address={"line1": "1 Long Road", "line3": "Rear"})["street-address"] == "1 Long Road\nRear"


def test_a_named_line_replaces_the_streets() -> None:
    values = flat(address={"street": ["1 Long Road"], "line2": "Apt 2"})

    assert (values["address-line2"], values["street-address"]) == ("Apt 2", "1 Long Road\nApt 2")


@pytest.mark.parametrize(
    ("country", "code"),
    [("Germany", "DE"), ("deu", "DE"), ("us", "US"), ("UK", "GB"), ("Wales", "GB"), ("u.s.", "US"), ("Atlantis", ""), ("", "")],
)
def test_a_country_in_english_becomes_its_code(country: str, code: str) -> None:
    address = Address(country=country)

    assert (country_code(address), iso_country_code(address)) == (code, code)
    assert flat(address={"country": country}).get("country", "") == (code or country)


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("Deutschland", "DE"),
        ("Turkey", "TR"),
        ("Vatican", "VA"),
        ("Holland", "NL"),
        ("America", "US"),
        ("Korea (North)", "KP"),
        ("Áo", "AT"),
        ("Nga", "RU"),
        ("Northern Ireland", ""),
        ("China (Taiwan)", ""),
        ("N/A", ""),
    ],
)
def test_a_country_by_a_name_that_is_not_isos_is_filled_in_the_users_own_words(country: str, code: str) -> None:
    assert country_code(Address(country=country)) == code
    assert flat(address={"country": country})["country"] == country


def test_the_first_entries_of_work_and_education_are_used() -> None:
    values = flat(
        work_history=[{"organization": "New", "title": "Boss", "start_date": "2021-03"}, {"organization": "Old", "end_date": "2020"}],
        education=[{"school": "Late U", "end_date": "2016-05"}, {"school": "Early U", "gpa": "4.0"}],
    )

    assert (values["organization"], values["organization-title"], values["job-start-date"]) == ("New", "Boss", "2021-03")
    assert (values["school"], values["graduation-year"]) == ("Late U", "2016")
    assert not {"job-end-date", "gpa"} & set(values)


def test_a_top_level_organization_wins_over_the_work_history() -> None:
    assert flat(organization="Mine", work_history=[{"organization": "Theirs"}])["organization"] == "Mine"


def test_sex_and_gender_have_one_source() -> None:
    values = flat(demographics={"gender": "Female"})

    assert values == {"sex": "Female", "gender": "Female"}


def test_lists_are_joined_and_booleans_become_yes_or_no() -> None:
    values = flat(job_preferences={"skills": ["SQL", "Python"], "relocation": False, "years_of_experience": 10})

    assert values == {"skills": "SQL, Python", "willing-to-relocate": "No", "years-of-experience": "10"}


@given(full=st.text(max_size=40), tel=st.text(max_size=40), country=st.text(max_size=40))
def test_the_derivations_accept_any_text(full: str, tel: str, country: str) -> None:
    profile = parse_profile({"name": {"full": full}, "contact": {"tel": tel}, "address": {"country": country}})

    assert all(value for value in flatten(profile, TODAY).values())
