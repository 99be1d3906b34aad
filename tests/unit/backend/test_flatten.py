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
EXAMPLE = Path(__file__).parents[3] / "examples" / "profile-full.json"

FILLABLE_IDS = {row.id for row in catalogue().values() if not row.secret and not row.is_negative}

NOT_OF_EVERYBODY = {"second-family-name", "given-name-kana", "family-name-kana", "name-kana", "building", "floor"}
"""What the person of the example does not have."""


def flat(**document: Any) -> dict[str, str]:
    return flatten(parse_profile(document), TODAY)


def test_every_derivation_is_used() -> None:
    used = {s.removesuffix("()") for sources in shipped_mapping().values() for s in sources if s.endswith("()")}

    assert used == set(DERIVATIONS)


def test_the_example_profile_has_a_value_for_every_fillable_id() -> None:
    profile = parse_profile(json.loads(EXAMPLE.read_text(encoding="utf-8")))

    values = flatten(profile, TODAY)

    assert {key for key in values if "#" not in key} == FILLABLE_IDS - NOT_OF_EVERYBODY


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
    ("name", "home", "citizenship", "parts"),
    [
        ({"full": "Kovács Anna Mária"}, "Hungary", "", ("Anna", "Mária", "Kovács")),
        ({"full": "Nguyễn Văn An"}, "VN", "", ("An", "Văn", "Nguyễn")),
        ({"full": "Kovács, Anna"}, "HU", "", ("Anna", "", "Kovács")),
        ({"full": "Anna Kovács"}, "DE", "Hungary", ("Anna", "", "Kovács")),
        ({"full": "John Smith"}, "HU", "United States", ("John", "", "Smith")),
        ({"full": "Anna Kovács", "given": "Anna"}, "HU", "", ("Anna", "", "Kovács")),
        ({"full": "Anna Kovács", "family": "Kovács"}, "HU", "", ("Anna", "", "Kovács")),
        ({"full": "Kovács Anna", "given": "Anna"}, "HU", "", ("Anna", "", "Kovács")),
    ],
)
def test_hungarians_and_vietnamese_at_home_write_the_family_name_first(
    name: dict[str, str], home: str, citizenship: str, parts: tuple[str, str, str]
) -> None:
    values = flat(name=name, address={"country": home}, demographics={"citizenship": citizenship})

    assert tuple(values.get(f"{part}-name", "") for part in ("given", "additional", "family")) == parts
    assert values["name"] == name["full"]


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


def test_every_entry_has_its_values_beside_those_of_the_first() -> None:
    values = flat(
        organization="Own Ltd",
        work_history=[{"organization": "New", "start_date": "2021-03"}, {"organization": "Old", "end_date": "2020"}],
        education=[{"school": "Late U"}, {"graduation_year": "2008"}],
        projects=[{"name": "One"}, {"name": "Two", "url": "https://two.example"}],
    )

    assert (values["organization"], values["organization#1"], values["organization#2"]) == ("Own Ltd", "New", "Old")
    assert (values["current-job#1"], values["current-job#2"]) == ("Yes", "No")
    assert (values["job-start-month#1"], values["job-end-year#2"]) == ("2021-03", "2020")
    assert (values["school#1"], values["graduation-year#2"]) == ("Late U", "2008")
    assert (values["project-name"], values["project-name#2"], values["project-url#2"]) == ("One", "Two", "https://two.example")
    assert not {"organization#3", "job-start-date#2", "school#2", "project-url#1", "full-name#1"} & set(values)


def test_no_more_than_twenty_entries_are_flattened() -> None:
    values = flat(work_history=[{"title": f"Job {n}"} for n in range(1, 31)])

    assert [key for key in values if key.startswith("organization-title#")][-1] == "organization-title#20"


@pytest.mark.parametrize(
    ("job", "answer"),
    [
        ({"is_current": True, "end_date": "2020"}, "Yes"),
        ({"is_current": False, "start_date": "2020"}, "No"),
        ({"start_date": "2020-01"}, "Yes"),
        ({"start_date": "2020-01", "end_date": "2026-10"}, "No"),
        ({"end_date": "2026-11-21"}, "No"),
        ({"start_date": "2020-01", "end_date": "2026-11"}, ""),
        ({"start_date": "2020-01", "end_date": "2030"}, ""),
        ({"title": "Clerk"}, ""),
    ],
)
def test_a_job_is_current_if_the_profile_has_it_so_or_without_an_end(job: dict[str, Any], answer: str) -> None:
    assert flat(work_history=[job]).get("current-job", "") == answer


def test_a_current_job_has_no_end() -> None:
    assert not {"job-end-date", "job-end-month", "job-end-year"} & set(flat(work_history=[{"is_current": True, "end_date": "2030-01"}]))


@pytest.mark.parametrize(
    ("jobs", "order"),
    [
        ([("A", "2021", ""), ("B", "2016", "2020")], "AB"),
        ([("B", "2010", "2015"), ("A", "2016", "2020"), ("C", "2021-03", "")], "CAB"),
        ([("A", "2016", "2020"), ("B", "2018", "2024")], "AB"),  # at the same time: no order is proven
        ([("A", "2019", "2020"), ("B", "2020-05", "")], "AB"),  # nobody knows whether A ended before May
        ([("A", "", ""), ("B", "2016", "2020")], "AB"),
        ([("A", "", ""), ("B", "2010", "2011"), ("C", "2016", "2020")], "CBA"),
    ],
)
def test_entries_are_reordered_only_if_their_dates_prove_another_order(jobs: list[tuple[str, str, str]], order: str) -> None:
    values = flat(work_history=[{"title": name, "start_date": start, "end_date": end} for name, start, end in jobs])

    assert "".join(values[f"organization-title#{n}"] for n in range(1, len(jobs) + 1)) == order
    assert values["organization-title"] == order[0]


def test_dates_that_contradict_each_other_are_left_out() -> None:
    values = flat(
        work_history=[{"title": "Clerk", "start_date": "2022-05", "end_date": "2020"}],
        education=[{"school": "U", "start_date": "2020-09", "end_date": "2020-08"}, {"start_date": "2020", "end_date": "2020-08"}],
    )

    assert (values["organization-title"], values["school"], values["education-end-date#2"]) == ("Clerk", "U", "2020-08")
    assert not {key for key in values if key.startswith(("job-start", "job-end", "current-job")) or key.endswith("-date#1")}
    assert "graduation-year" not in values


@pytest.mark.parametrize("birthday", ["2027-01-01", "0001-01-01", "1890-05-05", "9999-12-31"])
def test_a_birthday_that_nobody_alive_can_have_is_left_out(birthday: str) -> None:
    assert flat(birthday=birthday) == {}


def test_empty_lists_and_empty_entries_have_no_values() -> None:
    assert flat(work_history=[], education=[{}, {}], projects=[{}], address={"street": []}, name={"kana": {}}) == {}


@pytest.mark.parametrize(
    ("name", "country", "family", "second"),
    [
        ({"family": "García López"}, "ES", "García López", "López"),
        ({"family": "García López"}, "US", "García López", ""),
        ({"family": "de la Cruz García"}, "Mexico", "de la Cruz García", "García"),
        ({"family": "García de la Cruz"}, "CO", "García de la Cruz", "de la Cruz"),
        ({"family": "Ortega y Gasset"}, "ES", "Ortega y Gasset", ""),
        ({"family": "García"}, "ES", "García", ""),
        ({"family": "Ruiz Gómez Paz"}, "ES", "Ruiz Gómez Paz", ""),
        ({"family": "García", "second_family": "López"}, "US", "García López", "López"),
        ({"family": "García López", "second_family": "López"}, "US", "García López", "López"),
        ({"full": "María García López", "second_family": "López"}, "ES", "García López", "López"),
        ({"second_family": "López"}, "ES", "López", "López"),
    ],
)
def test_a_second_surname_is_given_or_follows_from_the_country(name: dict[str, str], country: str, family: str, second: str) -> None:
    values = flat(name=name, address={"country": country})

    assert (values.get("family-name", ""), values.get("second-family-name", "")) == (family, second)


def test_citizenship_tells_of_two_surnames_too() -> None:
    values = flat(name={"given": "Ana", "family": "Ruiz Paz"}, address={"country": "DE"}, demographics={"citizenship": "España"})

    assert (values["second-family-name"], values["name"]) == ("Paz", "Ana Ruiz Paz")


def test_the_reading_and_the_latin_letters_of_a_name_are_given_or_the_name_itself() -> None:
    given = flat(
        name={"family": "山田", "given": "さくら", "kana": {"family": "ヤマダ"}, "romanised": {"given": "Sakura", "family": "Yamada"}}
    )
    latin = flat(name={"given": "Zoë", "family": "O'Neil-Straße"})
    other = flat(name={"given": "Дарья", "family": "Попова"})

    assert (given["given-name-kana"], given["family-name-kana"], given["name-kana"]) == ("さくら", "ヤマダ", "ヤマダ さくら")
    assert (given["name"], given["name-romanised"]) == ("山田さくら", "Sakura Yamada")
    assert (latin["given-name-romanised"], latin["name-romanised"]) == ("Zoë", "Zoë O'Neil-Straße")
    assert not {key for values in (latin, other) for key in values if key.endswith("-kana")}
    assert not {key for key in other if key.endswith("-romanised")}


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ({"level2": "Boston", "level1": "MA", "country": "United States"}, "Boston, MA"),
        ({"level2": "Boston", "country": "United States"}, "Boston, United States"),
        ({"level2": "São Paulo", "level1": "SP", "country": "BR"}, "São Paulo, SP"),
        ({"level2": "München", "level1": "Bayern", "country": "Deutschland"}, "München, Deutschland"),
        ({"level2": "Lyon", "country": ""}, "Lyon"),
        ({"level2": "渋谷区", "level1": "東京都", "country": "日本"}, "東京都渋谷区"),
        ({"level1": "MA", "country": "US"}, ""),
    ],
)
def test_a_place_is_composed_as_its_country_writes_it(address: dict[str, str], text: str) -> None:
    assert flat(address=address).get("location", "") == text


def test_the_parts_of_a_street_are_derived_and_those_of_the_profile_win() -> None:
    derived = flat(address={"street": ["48 Harbor View Road", "Apt 5B"], "country": "US"})
    own = flat(address={"street": ["48 Harbor View Road", "Apt 5B"], "unit": "5b", "building": "East", "country": "US"})

    assert [derived.get(key) for key in ("street-name", "house-number", "unit", "floor")] == ["Harbor View Road", "48", "5B", None]
    assert [own.get(key) for key in ("street-name", "house-number", "unit", "building")] == ["Harbor View Road", "48", "5b", "East"]


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ({"street_name": "Kerkstraat", "house_number": "48", "unit": "B", "country": "NL"}, ["Kerkstraat 48B"]),
        ({"street_name": "Elm Street", "house_number": "9", "unit": "Apt 2", "country": "US"}, ["9 Elm Street", "Apt 2"]),
        ({"street_name": "Rua Augusta", "house_number": "24", "floor": "2", "unit": "Dto", "country": "BR"}, ["Rua Augusta, 24", "2, Dto"]),
        ({"line1": "Kerkstraat", "house_number": "48", "line2": "achter", "country": "NL"}, ["Kerkstraat 48", "achter"]),
        ({"street_name": "Elm Street", "line1": "9 Elm Street", "house_number": "9", "country": "US"}, ["9 Elm Street"]),
        ({"house_number": "9", "country": "US"}, []),
    ],
)
def test_the_lines_are_written_from_the_parts_if_only_these_are_given(address: dict[str, str], lines: list[str]) -> None:
    values = flat(address=address)

    assert [values[key] for key in ("address-line1", "address-line2") if key in values] == lines
    assert values.get("street-address", "") == "\n".join(lines)


def test_a_first_line_without_its_number_is_the_streets_name() -> None:
    values = flat(address={"line1": "Kerkstraat", "house_number": "48", "country": "NL"})

    assert (values["street-name"], values["house-number"]) == ("Kerkstraat", "48")


def test_ethnicity_is_race_where_the_profile_has_it_in_one() -> None:
    assert flat(demographics={"race_ethnicity": "Asian"})["ethnicity"] == "Asian"
    assert flat(demographics={"race_ethnicity": "Asian", "ethnicity": "Not Hispanic"})["ethnicity"] == "Not Hispanic"


@given(full=st.text(max_size=40), tel=st.text(max_size=40), country=st.text(max_size=40))
def test_the_derivations_accept_any_text(full: str, tel: str, country: str) -> None:
    profile = parse_profile({"name": {"full": full}, "contact": {"tel": tel}, "address": {"country": country}})

    assert all(value for value in flatten(profile, TODAY).values())


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ({"given": "Tyrell", "additional": "M", "family": "Washington", "suffix": "Jr."}, "Tyrell M Washington Jr."),
        ({"full": "João Pedro dos Santos Silva"}, "João Pedro dos Santos Silva"),
        ({"given": "Ana", "family": "García", "second_family": "López"}, "Ana García López"),
        (
            {"given": "Иван", "additional": "Сергеевич", "family": "Петров", "romanised": {"given": "Ivan", "family": "Petrov"}},
            "Ivan Petrov",
        ),
        ({"given": "太郎", "family": "山田"}, ""),
    ],
)
def test_a_name_in_latin_letters_is_whole(name: dict[str, object], written: str) -> None:
    assert flatten(parse_profile({"name": name}), TODAY).get("name-romanised", "") == written
