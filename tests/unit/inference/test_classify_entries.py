"""Repeated blocks are numbered where the page shows which is which; elsewhere the later ones are left unfilled."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_common.canonical import catalogue
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.entries import UNCLEAR, numbered
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

Field = tuple[str, dict[str, object]]
JOB = ("organization", "organization-title", "job-start-date", "job-end-date")


def entries(*fields: Field | str, unsure: tuple[int, ...] = (), signals: dict[int, str] | None = None) -> list[int | str | None]:
    """The entry of each field; "unclear" for one that is left unfilled."""
    described = [(field, {}) if isinstance(field, str) else field for field in fields]
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#{number}", **keys})) for number, (_, keys) in enumerate(described)]
    rulings = [
        Ruling("unsure" if number in unsure else "accepted", "ranker", canonical, 0.9, 0.7, ((signals or {}).get(number, "learned"),))
        for number, (canonical, _) in enumerate(described)
    ]
    found = numbered(views, rulings)
    for ruling in found:
        assert ruling.entry is None or f"entry:{ruling.entry}" in ruling.signals
    return ["unclear" if UNCLEAR in ruling.signals and ruling.outcome == "unsure" else ruling.entry for ruling in found]


def block(ids: tuple[str, ...] = JOB, **keys: object) -> list[Field]:
    """A block whose fields share `keys`; `{id}` in a text stands for the field's own id."""
    return [(id_, {key: text.format(id=id_) if isinstance(text, str) else text for key, text in keys.items()}) for id_ in ids]


def test_what_people_said_of_a_field_stands_without_a_number() -> None:
    view = FieldView(FieldDescriptor(selector="#f"))
    by_ranker, by_user = (Ruling("accepted", method, "organization", 1.0, 0.7) for method in ("ranker", "remembered"))

    assert numbered([view] * 2, [by_ranker, by_ranker])[1].outcome == "unsure"
    assert numbered([view] * 2, [by_ranker, by_user]) == [by_ranker, by_user]


def test_one_block_has_no_number() -> None:
    assert entries("given-name", *JOB, "school", "degree") == [None] * 7


def test_a_block_ends_where_its_first_id_comes_again() -> None:
    assert entries(*JOB, *JOB, "email", *JOB) == [1] * 4 + [2] * 4 + [None] + [3] * 4


def test_lists_are_numbered_apart_even_if_they_take_turns() -> None:
    school = ("school", "degree", "graduation-year")

    assert entries(*JOB, *school, *JOB, *school) == [1] * 4 + [1] * 3 + [2] * 4 + [2] * 3


def test_the_parts_of_a_date_and_the_box_of_a_current_job_go_with_their_block() -> None:
    ids = ("organization", "current-job", "job-start-month", "job-start-year", "job-end-date", "job-end-date")

    assert entries(*ids, *ids) == [1] * 6 + [2] * 6


@pytest.mark.parametrize("names", ["work[{}].{{id}}", "workExperience-{}--{{id}}", "job{}_{{id}}", "{{id}}_{}"])
@pytest.mark.parametrize("first", [0, 1, 4])
def test_an_index_in_the_names_numbers_the_blocks(names: str, first: int) -> None:
    one, two = ([(id_, {"name": names.format(index).format(id=id_)}) for id_ in JOB] for index in (first, first + 1))

    assert entries(*one, *two) == [1] * 4 + [2] * 4
    assert entries(*(field for pair in zip(one, two, strict=True) for field in pair)) == [1, 2] * 4  # a table, row by row


def test_a_first_block_without_an_index_is_the_first() -> None:
    assert entries(*block(name="{id}"), *block(name="{id}2")) == [1] * 4 + [2] * 4


def test_numbers_that_count_all_fields_number_no_block() -> None:
    number = count(7)

    assert entries(*((id_, {"name": f"input_{next(number)}"}) for id_ in (*JOB, *JOB))) == [1] * 4 + [2] * 4


@pytest.mark.parametrize("heading", ["Job {}", "Previous position {}", "Employer #{}", "Stelle ({})", "職歴 {}"])
def test_an_ordinal_in_the_heading_numbers_the_blocks(heading: str) -> None:
    assert entries(*block(section=heading.format(1)), *block(section=heading.format(2))) == [1] * 4 + [2] * 4
    assert entries(*block(section=heading.format(2))) == [2] * 4  # the first block is shown folded


def test_a_step_of_the_form_is_no_block() -> None:
    assert entries(*block(section="Step 2")) == [None] * 4


def test_what_the_client_says_counts() -> None:
    assert entries(*block(entry=2)) == [2] * 4
    assert entries(*block(entry=2), *block(entry=1)) == [2] * 4 + [1] * 4
    assert entries(("organization", {"entry": 1}), ("organization", {"entry": 2})) == [1, 2]


def test_a_heading_takes_the_fields_below_it_even_if_the_first_block_lacks_them() -> None:
    found = entries(*block(section="Present job"), ("job-location", {"section": "Job before"}), *block(section="Job before"))

    assert found == [1] * 4 + [2] * 5


def test_contradictory_evidence_leaves_the_later_block_unfilled() -> None:
    assert entries(*block(name="job[2].{id}"), *block(name="job[1].{id}")) == [1] * 4 + ["unclear"] * 4
    assert entries(*block(section="Job 2"), *block(section="Job 1")) == [2] * 4 + ["unclear"] * 4


def test_a_field_that_is_not_filled_begins_its_block_all_the_same() -> None:
    assert entries(*JOB, *JOB, unsure=(4,)) == [1] * 4 + [2] * 4


def test_a_block_whose_first_field_was_not_recognised_is_left_unfilled() -> None:
    assert entries(*JOB, "none", "job-start-date", "job-end-date") == [1] * 4 + [None, "unclear", "unclear"]


def test_a_second_subject_is_no_second_school() -> None:
    ids = ("school", "degree", "field-of-study", "field-of-study", "gpa")

    assert entries(*ids) == [1, 1, 1, "unclear", 1]


def test_the_company_in_two_addresses_is_the_same() -> None:
    assert entries("organization", "address-line1", "organization", "address-line1") == [None] * 4
    assert entries("organization", "organization-title", "email", "organization", "postal-code") == [None] * 5


def test_a_company_that_comes_again_outside_of_an_address_is_left_unfilled() -> None:
    assert entries("organization", "email", "organization") == [None, None, "unclear"]


def test_contacts_with_company_and_position_are_not_taken_for_jobs() -> None:
    assert entries("organization", "organization-title", "organization", "organization-title") == [None] * 2 + ["unclear"] * 2


def test_a_present_employer_above_a_history_that_may_begin_with_it_leaves_the_history_unfilled() -> None:
    assert entries("organization", "organization-title", *JOB) == [None] * 2 + ["unclear"] * 4
    assert entries("organization", *block(name="job[1].{id}"), *block(name="job[2].{id}")) == [None] + [1] * 4 + [2] * 4


def test_a_block_about_an_earlier_time_is_the_second_entry() -> None:
    earlier = dict.fromkeys(range(2, 6), "whose:earlier@0.97")

    assert entries("organization", "organization-title", *JOB, signals=earlier) == [1] * 2 + [2] * 4
    assert entries(*JOB, signals=dict.fromkeys(range(4), "whose:earlier@0.97")) == [2] * 4


def test_schools_one_after_another_are_numbered() -> None:
    assert entries("school", "school", "school") == [1, 2, 3]


def test_headings_tell_blocks_apart_even_if_the_later_one_has_an_unrecognised_company() -> None:
    last = ("organization-title", "job-start-date")

    assert entries(*block(section="Current job"), *block(section="Last job")) == [1] * 4 + [2] * 4
    assert entries(*block(section="Current job"), *block(last, section="Last job")) == [1] * 4 + ["unclear"] * 2


def test_a_field_above_the_blocks_that_is_none_of_them_does_not_shift_their_numbers() -> None:
    """A summary, read as the description of a job."""
    above: Field = ("job-description", {"name": "summary", "section": "Profile"})

    by_index = entries(above, *block(name="job_{id}_1"), *block(name="job_{id}_2"))
    by_heading = entries(above, *block(section="Experience"), *block(section="Experience"))

    assert by_index == [None] + [1] * 4 + [2] * 4
    assert by_heading == [1] + [1] * 4 + [2] * 4


def test_a_guess_far_below_its_threshold_is_no_evidence_of_a_block() -> None:
    view = FieldView(FieldDescriptor(selector="#a"))
    guess = Ruling("unsure", "ranker", "school", 0.4, 0.7)
    sure = Ruling("accepted", "ranker", "graduation-year", 0.9, 0.7)

    assert [ruling.entry for ruling in numbered([view] * 3, [guess, guess, sure])] == [None] * 3


LIST_IDS = sorted(row.id for row in catalogue().values() if row.list is not None)
some_field = st.tuples(
    st.sampled_from([*LIST_IDS, "email"]),
    st.fixed_dictionaries(
        {
            "section": st.sampled_from(["", "Job 1", "Job 2", "Work", "Education"]),
            "name": st.sampled_from(["", "a1", "a2", "job[0].x", "job[1].x"]),
            "entry": st.sampled_from([None, 1, 2]),
        }
    ),
)


@given(st.lists(some_field, max_size=20), st.sets(st.integers(0, 19)))
def test_any_form_is_numbered_and_no_block_of_a_list_has_an_entry_below_1(fields: list[Field], unsure: set[int]) -> None:
    found = entries(*fields, unsure=tuple(unsure))

    assert len(found) == len(fields)
    assert all(entry is None or entry == "unclear" or (isinstance(entry, int) and entry >= 1) for entry in found)


def test_a_block_may_begin_behind_one_whose_first_field_was_not_recognised() -> None:
    repeated = ("job-start-date", "job-description")

    assert entries("organization", *repeated, *repeated, "organization", *repeated) == [1, 1, 1, "unclear", "unclear", 2, 2, 2]
