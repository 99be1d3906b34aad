"""Wrong answers and silence apart, whole forms, and the three kinds of harm."""

from typing import Any

import pytest
from benchmarks.quality.kinds import Kinds, Tally, kinds, of_id, of_value
from benchmarks.quality.measure import Result
from benchmarks.shared.truth import TruthField

from fieldwise_common.wire import FieldDescriptor

HOLDER = "Marisol"


def answer(
    truth: str,
    predicted: str = "none",
    value: str | None = None,
    *,
    accepted: tuple[str, ...] = (),
    values: tuple[str | None, ...] = (),
    entry: int | None = None,
    **own: Any,
) -> Result:
    """A field of this truth that was accepted as `predicted` and got `value`. `own`: of the truth field, or of its descriptor."""
    of_field = {key: own.pop(key) for key in ("whose", "nth", "peer", "source") if key in own}
    descriptor = FieldDescriptor.model_validate({"selector": "#f", **own})
    field = TruthField(
        1, "a.example", of_field.pop("source", "shop"), "en", truth, descriptor, accepted=frozenset(accepted), values=values, **of_field
    )
    return Result(field, "unsure" if predicted == "none" else "accepted", "ranker", predicted, 0.9, True, (), entry, value)


def of(*forms: list[Result]) -> Kinds:
    return kinds(forms, {})


RIGHT = answer("given-name", "given-name", HOLDER, values=(HOLDER,))
SILENT = answer("given-name", values=(HOLDER,))
WRONG = answer("none", "given-name", HOLDER, values=(None,))
WRONG_VALUE = answer("notice-period", "notice-period", "4", values=("28", None))
NOT_RISKED = answer("notice-period", "notice-period", None, values=("28", None))


def test_wrong_and_silent_are_counted_apart_as_ids_and_as_values() -> None:
    found = of([RIGHT, SILENT], [WRONG, WRONG_VALUE], [RIGHT, NOT_RISKED]).by_kind["all"]

    assert found.ids == Tally(right=4, silent=1, wrong=1)
    assert found.values == Tally(right=3, silent=1, wrong=2)
    assert found.not_risked == 1


def test_a_form_is_whole_if_no_field_is_wrong_or_silent_and_without_wrong_if_some_are_only_silent() -> None:
    found = of([RIGHT, NOT_RISKED], [RIGHT, SILENT], [RIGHT, WRONG_VALUE]).by_kind["all"]

    assert (found.forms, found.whole, found.without_wrong) == (3, 1, 2)


def test_without_known_values_the_ids_alone_make_a_form_whole() -> None:
    found = of([answer("address-line1", "street-address", "48 Harbor View Road"), answer("none")]).by_kind["all"]

    assert (found.whole, found.values) == (1, Tally(right=0, silent=0, wrong=0))


def test_the_kinds_are_those_of_the_forms_and_the_largest_comes_first() -> None:
    signup = answer("email", source="signup")

    assert list(of([signup], [RIGHT], [RIGHT]).by_kind) == ["all", "shop", "signup"]


@pytest.mark.parametrize(
    ("accepted", "predicted", "verdict"),
    [
        (("tel", "none"), "tel", "right"),
        (("tel", "none"), "none", "right"),
        (("tel",), "tel-national", "wrong"),  # a case lists every right id
        ((), "tel-national", "right"),  # a truth file has equivalents
        ((), "none", "silent"),
        ((), "email", "wrong"),
    ],
)
def test_an_id_is_right_if_the_truth_lists_it_or_is_equivalent(accepted: tuple[str, ...], predicted: str, verdict: str) -> None:
    assert of_id(answer("tel", accepted=accepted).field, predicted) == verdict


def test_a_value_that_should_be_empty_is_wrong_whatever_it_is() -> None:
    assert of_value(answer("country", "country", "US", values=(None,))) == "wrong"
    assert of_value(answer("country", "country", None, values=(None,))) == "right"
    assert of_value(answer("country", "country", "US")) is None


def test_other_peoples_fields_count_as_filled_by_their_owner() -> None:
    theirs = [
        answer("none", "name", "Marisol Okafor", whose="emergency"),
        answer("none", whose="emergency"),
        answer("none", "current-password", None, whose="partner"),
        answer("organization", "organization", "Beacon Freight", whose="earlier"),  # the user's own, of an earlier time
    ]

    found = of(theirs).other_people

    assert (found.matched.hits, found.matched.of) == (2, 3)
    assert (found.filled.hits, found.filled.of) == (1, 3)
    assert {owner: (share.hits, share.of) for owner, share in found.by_whose.items()} == {"emergency": (1, 2), "partner": (0, 1)}


def test_a_later_entry_is_right_by_its_value_or_by_its_number_and_empty_is_silent() -> None:
    def job(nth: int, value: str | None, entry: int | None = None, values: tuple[str | None, ...] = ()) -> Result:
        return answer("organization", "organization", value, nth=nth, entry=entry, values=values)

    first = job(1, "Tidewater Analytics", 1)
    later = [
        job(2, "Beacon Freight", 2),
        job(2, "Tidewater Analytics"),  # no entry is the first one
        job(3, None, 3),
        job(2, "Tidewater Analytics", 2, ("Beacon Freight", None)),
    ]

    assert of([first, *later]).later_entries == Tally(right=1, silent=1, wrong=2)


def radio(name: str, value: str | None, **own: Any) -> Result:
    return answer("gender", "gender", value, type="radio", name=name, **own)


def test_a_question_of_radios_is_answered_twice_if_a_client_would_fill_two_of_them() -> None:
    form = [
        radio("a", "true"), radio("a", None),
        radio("b", "true"), radio("b", "false"),  # `checked = Boolean("false")` chooses it as well
        radio("c", None), radio("c", None),
        radio("lone", "true"),
        radio("", "true", group="Gender"), radio("", "true", group="Gender"),
    ]  # fmt: skip

    found = of(form).radios

    assert (found.questions, found.answered, found.twice) == (4, 3, 2)


def test_equal_names_in_two_forms_of_a_page_are_two_questions() -> None:
    form = [radio("a", "true", form=form) for form in ("f", "g") for _ in range(2)]

    assert of(form).radios.questions == 2


def test_the_references_are_counted_as_ids_alone_on_the_forms_they_know() -> None:
    known = [answer("email", peer="email", autocomplete="shipping email"), answer("tel", "tel", "1", peer="email")]
    unknown = [answer("email", "email", "a@b.example", autocomplete="off")]

    found = of(known, unknown).compared

    assert found["a browser's heuristics"].ids == Tally(right=1, silent=0, wrong=1)
    assert found["this version on the same forms"].ids == Tally(right=1, silent=1, wrong=0)
    assert found["their own autocomplete alone"].ids == Tally(right=1, silent=2, wrong=0)


def test_a_mistake_is_a_field_that_is_not_right_with_what_was_expected() -> None:
    [mistake] = of([RIGHT, NOT_RISKED, WRONG]).mistakes

    assert (mistake.id, mistake.value, mistake.predicted, mistake.expected) == ("wrong", "wrong", "given-name", ("none",))
    assert (mistake.filled, mistake.expected_values) == (HOLDER, (None,))
