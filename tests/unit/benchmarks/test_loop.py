import random
from typing import Any

import pytest
from benchmarks.loop.people import SiteForm, corrections_of, on_sites
from benchmarks.loop.recognition import KEYS, Tally, measure
from benchmarks.loop.variants import Variants, pages_of

from fieldwise_training.canonical_loader import Entry
from fieldwise_training.corpus import Form

SYNONYMS = [Entry("tel", "Rufnummer"), Entry("given-name", "Vorname"), Entry("family-name", "Nachname"), Entry("email", "Mail")]


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 a simulation


def form(site: str = "shop.example", **changes: Any) -> Form:
    fields = [
        {"label": "First name", "name": "fname", "id": "f-fname", "truth": "given-name"},
        {"label": "Last name", "name": "lname", "id": "f-lname", "truth": "family-name"},
        {"label": "Phone", "name": "phone", "id": "f-phone", "truth": "tel"},
        {"label": "E-mail", "name": "mail", "id": "f-mail", "truth": "email"},
        {"label": "Search", "name": "q", "id": "f-q", "truth": "none:search"},
    ]
    return Form.model_validate({"site": site, "lang": "en", "fields": [{**field, **changes} for field in fields]})


@pytest.mark.parametrize("change", Variants([], {}).by_name())
def test_every_variant_keeps_a_fields_meaning_and_all_but_the_first_change_the_page(change: str) -> None:
    pages = pages_of([form(), form("other.example")])
    render = Variants(pages[1], {"tel": ["Rufnummer"]}).by_name()[change]

    first, later = render(pages[0], dice(3))

    meaning = {one.number: one.truth for page in pages for one in page}
    assert all(meaning[one.number] == one.truth for one in (*first, *later))
    assert ([one.field for one in first] != [one.field for one in later]) is (change != "the same page")


def test_on_the_same_page_every_field_is_found_again_and_none_is_confused() -> None:
    found = measure([form()], SYNONYMS)["the same page"]["signature"]

    assert (found.kept, found.of, found.confused) == (10, 10, 0)  # each of 5 alone, and all of them


def test_fields_of_one_label_are_confused_by_their_label_and_not_by_their_signature() -> None:
    found = measure([form(label="Details")], SYNONYMS)["the same page"]

    assert found["label"].confused > 0
    assert found["signature"].confused == 0
    assert set(found) == set(KEYS)


def test_a_field_taken_for_another_of_the_same_meaning_is_no_confusion() -> None:
    [page] = pages_of([form()])
    tally = Tally()

    tally.count(page, page, [page[0].number, page[0].number, None, None, None])

    assert (tally.kept, tally.of, tally.confused, tally.fields) == (1, 5, 1, 5)


def test_a_user_corrects_what_is_wrong_and_a_liar_makes_it_up() -> None:
    [page] = on_sites([form()])
    answers = ["given-name", "none", "email", "email", "none"]

    honest = corrections_of("ada", page, answers, dice(1), lies=0.0, ids=["bday"])
    lying = corrections_of("eve", page, answers, dice(1), lies=1.0, ids=["bday"])

    assert [(one.position, one.said, one.is_true) for one in honest] == [(1, "family-name", True), (2, "tel", True)]
    assert [(one.position, one.said, one.is_true) for one in lying] == [(1, "bday", False), (2, "bday", False)]


def test_a_form_is_asked_for_as_a_client_would_describe_it_without_its_truth() -> None:
    [page] = on_sites([form()])

    assert isinstance(page, SiteForm)
    assert page.origin == "https://shop.example"
    assert page.truth[-1] == "none"
    assert "truth" not in page.fields[0]
