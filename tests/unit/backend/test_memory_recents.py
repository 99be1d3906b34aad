from tests.unit.backend.answers import DECISION

from fieldwise_backend.memory.recents import (
    KEEP_SECONDS,
    MAX_BYTES,
    MAX_FORMS,
    RENEW_SECONDS,
    RecentField,
    fields_text,
    find_field,
    forms_of,
    is_newest,
    selector_hash,
    with_form,
    without_form,
)
from fieldwise_common.wire import Decision

NOW = 1_764_000_000


def decision(selector: str, position: int = 0, **more: object) -> Decision:
    return Decision.model_validate({**DECISION, "selector": selector, "position": position, "signature": f"a-b-{position}", **more})


def stored(*forms: tuple[str, list[Decision]]) -> str:
    """The text after these forms, of request id and decisions, the oldest first."""
    recent = ""
    for request_id, decisions in forms:
        recent = with_form(recent, request_id, fields_text(decisions), NOW)
    return recent


def found(recent: str, request_id: str, selector: str, canonical: str) -> tuple[str, str] | None:
    pair = find_field(forms_of(recent, NOW), request_id, selector, canonical)
    return (pair[0].request_id, pair[1].signature) if pair is not None else None


def test_a_form_is_read_as_it_was_stored() -> None:
    odd = decision("#mail", 3, label="Your\tE-mail\nplease \u2028 now " + "x" * 100)
    unsure = decision("#q", 4, label="", placeholder="", text="q", decision="unsure")

    (form,) = forms_of(stored(("r1", [odd, unsure])), NOW)

    assert (form.request_id, form.at) == ("r1", NOW)
    label = ("Your E-mail please now " + "x" * 100)[:80]
    assert form.fields == (
        RecentField(3, selector_hash("#mail"), "a-b-3", "email", label),
        RecentField(4, selector_hash("#q"), "a-b-4", "", "q"),
    )


def test_a_field_without_a_signature_is_left_out() -> None:
    assert fields_text([decision("#mail", signature="")]) == ""


def test_beyond_the_most_forms_the_oldest_is_dropped() -> None:
    recent = stored(*((f"r{n}", [decision(f"#{n}")]) for n in range(MAX_FORMS + 1)))

    assert [form.request_id for form in forms_of(recent, NOW)] == [f"r{n}" for n in range(MAX_FORMS, 0, -1)]


def test_large_forms_push_older_ones_out_and_the_newest_stays() -> None:
    large = [decision(f"#{n}", n, label="x" * 80) for n in range(300)]

    recent = stored(("r1", large), ("r2", large))

    assert [form.request_id for form in forms_of(recent, NOW)] == ["r2"]
    assert len(recent.encode()) <= MAX_BYTES


def test_of_equal_forms_only_the_newest_is_left() -> None:
    recent = stored(("r1", [decision("#a")]), ("r2", [decision("#b")]), ("r3", [decision("#a", decision="unsure")]))

    left = without_form(recent, fields_text([decision("#a")]))

    assert [form.request_id for form in forms_of(left, NOW)] == ["r3", "r2"]


def test_a_form_counts_for_a_day() -> None:
    recent = stored(("r1", [decision("#a")]))

    assert len(forms_of(recent, NOW + KEEP_SECONDS - 1)) == 1
    assert forms_of(recent, NOW + KEEP_SECONDS) == []


def test_an_outdated_form_is_dropped_with_the_next_one() -> None:
    recent = stored(("r1", [decision("#a")]), ("r2", [decision("#b")]))

    later = with_form(recent, "r3", fields_text([decision("#c")]), NOW + KEEP_SECONDS)

    assert later.count("\n") == 0


def test_damaged_lines_are_passed_over() -> None:
    recent = "\n".join(["r0 soon\t0 a b c d", "\x00", f"r2 {NOW}\tx y", stored(("r1", [decision("#a")]))])

    assert [form.request_id for form in forms_of(recent, NOW)] == ["r1"]
    assert not is_newest("r0 soon\t0 a b c d", "\t0 a b c d", NOW)


def test_only_an_equal_newest_form_is_the_newest() -> None:
    fields, others = fields_text([decision("#a")]), fields_text([decision("#a", decision="unsure")])
    recent = stored(("r1", [decision("#b")]), ("r2", [decision("#a")]))

    assert is_newest(recent, fields, NOW)
    assert not is_newest(recent, others, NOW)
    assert not is_newest(recent, fields_text([decision("#b")]), NOW)
    assert not is_newest(recent, fields, NOW + RENEW_SECONDS)
    assert not is_newest("", fields, NOW)


def test_a_field_is_found_by_its_request_then_by_the_answer_then_in_the_newest_form() -> None:
    recent = stored(
        ("r1", [decision("#a", 1, predicted="tel")]),
        ("r2", [decision("#a", 2, decision="unsure")]),
        ("r3", [decision("#a", 3, predicted="email")]),
    )

    assert found(recent, "r2", "#a", "tel") == ("r2", "a-b-2")
    assert found(recent, "unknown", "#a", "tel") == ("r1", "a-b-1")
    assert found(recent, "", "#a", "none") == ("r2", "a-b-2")
    assert found(recent, "", "#a", "username") == ("r3", "a-b-3")
    assert found(recent, "r1", "#other", "tel") is None
