import pytest

from fieldwise_common.canonical import Answer, Options, about, catalogue, entry_key, is_id, is_secret, negatives_like, parse_catalogue
from fieldwise_common.errors import DataError


def test_a_row_has_the_properties_of_its_id() -> None:
    row = about("bday-month")

    assert (row.answer, row.date_part, row.part_of, row.token, row.options) == (Answer.DATE_PART, "month", "bday", True, Options.WORDS)


@pytest.mark.parametrize(
    ("canonical", "answer"), [("of-another-version", Answer.TEXT), ("none:of-another-version", Answer.NOTHING), ("none", Answer.NOTHING)]
)
def test_an_id_without_a_row_is_text_or_by_its_prefix_negative(canonical: str, answer: Answer) -> None:
    assert about(canonical).answer is answer
    assert not is_secret(canonical)


def test_a_negative_id_lists_the_ids_it_is_confused_with() -> None:
    assert negatives_like("tel") == ("none:emergency-contact", "none:fax", "none:reference-person")


def test_cards_and_passwords_are_secret() -> None:
    assert {canonical for canonical in catalogue() if canonical.startswith("cc-") or "password" in canonical} <= set(
        filter(is_secret, catalogue())
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('x = { answer = "txt" }', "canonical.toml, x.answer: "),
        ('x = { answr = "text" }', "canonical.toml, x.answr: "),
        ("x = 1", "canonical.toml, x: "),
        ("x = ", "canonical.toml: not TOML"),
        ('x = { answer = "date-part" }', "canonical.toml, x: "),
        ('x = { answer = "date", date_part = "day" }', "canonical.toml, x: "),
        ('x = { answer = "nothing" }', "canonical.toml, x: "),
        ('"none:x" = { answer = "text" }', "canonical.toml, none:x: "),
        ('x = { part_of = "y" }', "canonical.toml, x: refers to y, which has no row"),
        ('"none:x" = { answer = "nothing", like = ["y"] }', "canonical.toml, none:x: refers to y, which has no row"),
    ],
)
def test_a_wrong_row_is_refused_by_name(text: str, fault: str) -> None:
    with pytest.raises(DataError) as refused:
        parse_catalogue(text)

    assert str(refused.value).startswith(fault)


def test_the_key_of_an_entry_is_no_id() -> None:
    assert entry_key("job-start-date", 2) == "job-start-date#2"
    assert not is_id(entry_key("organization", 1))


def test_an_id_of_a_list_names_it_and_no_other_list_is_allowed() -> None:
    assert (about("school").list, about("project-url").list, about("email").list) == ("education", "projects", None)
    with pytest.raises(DataError, match=r"x\.list"):
        parse_catalogue('x = { answer = "text", list = "pets" }')
