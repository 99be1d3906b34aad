from datetime import UTC, datetime, timedelta

import pytest

from fieldwise_backend.memory.entries import (
    MAX_ENTRIES,
    MAX_MEMORY_BYTES,
    MAX_REJECTED,
    Entries,
    RememberedField,
    bounded_text,
    corrected,
    parse_entries,
)
from fieldwise_common.wire import FeedbackRequest

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def feedback(canonical: str, verdict: str, corrected_to: str = "") -> FeedbackRequest:
    return FeedbackRequest.model_validate({"selector": "#a", "canonical": canonical, "feedback": verdict, "corrected_to": corrected_to})


def after(*given: FeedbackRequest) -> tuple[str, tuple[str, ...]]:
    """What is remembered of one field after all of the feedback."""
    entries: Entries = ()
    for one in given:
        entries = corrected(entries, "s-l-0", "Phone", one, NOW)
    (entry,) = entries
    return entry.canonical, entry.rejected


WRONG_TEL = feedback("tel", "incorrect")


@pytest.mark.parametrize(
    ("given", "remembered"),
    [
        ([feedback("tel", "correct")], ("tel", ())),
        ([feedback("none", "correct")], ("none", ())),
        ([feedback("tel", "incorrect", "email")], ("email", ("tel",))),
        ([feedback("none", "incorrect", "email")], ("email", ("none",))),
        ([feedback("tel", "incorrect", "none")], ("none", ("tel",))),
        ([WRONG_TEL], ("", ("tel",))),
        ([feedback("tel", "correct"), WRONG_TEL], ("", ("tel",))),
        ([WRONG_TEL, feedback("tel", "correct")], ("tel", ())),
        ([feedback("tel", "incorrect", "email"), feedback("email", "incorrect", "tel")], ("tel", ("email",))),
        ([feedback("email", "correct"), WRONG_TEL], ("email", ("tel",))),
        ([feedback("tel", "incorrect", "tel")], ("", ("tel",))),
    ],
)
def test_the_last_word_counts_and_no_id_is_both_confirmed_and_rejected(
    given: list[FeedbackRequest], remembered: tuple[str, tuple[str, ...]]
) -> None:
    assert after(*given) == remembered


def test_only_the_latest_rejected_ids_of_a_field_are_remembered() -> None:
    ids = [f"id-{n}" for n in range(MAX_REJECTED + 2)]

    assert after(*(feedback(one, "incorrect") for one in ids)) == ("", tuple(ids[2:]))


def test_repeated_feedback_changes_nothing() -> None:
    once = corrected((), "s-l-0", "Phone", WRONG_TEL, NOW)

    assert corrected(once, "s-l-0", "Phone", WRONG_TEL, NOW + timedelta(days=1)) is once


def test_a_changed_field_is_the_last_one_to_be_dropped() -> None:
    entries: Entries = ()
    for signature in ("a-a-0", "b-b-0"):
        entries = corrected(entries, signature, "", feedback("tel", "correct"), NOW)

    entries = corrected(entries, "a-a-0", "", WRONG_TEL, NOW + timedelta(days=1))

    assert [entry.signature for entry in entries] == ["b-b-0", "a-a-0"]


def test_beyond_the_most_fields_the_one_changed_longest_ago_is_dropped() -> None:
    entries = tuple(RememberedField(signature=f"{n}-a-0", canonical="tel", at=NOW) for n in range(MAX_ENTRIES + 1))

    stored = parse_entries(bounded_text(entries))

    assert stored == entries[1:]


def test_entries_of_any_size_stay_below_the_limit_in_bytes() -> None:
    long = "й" * 64
    rejected = tuple(f"{n}{long[2:]}" for n in range(MAX_REJECTED))
    entries = tuple(
        RememberedField(signature=f"{n}-a-0", canonical=long, rejected=rejected, label="語" * 80, at=NOW) for n in range(MAX_ENTRIES)
    )

    text = bounded_text(entries)

    assert MAX_MEMORY_BYTES * 0.9 < len(text.encode()) <= MAX_MEMORY_BYTES
    assert parse_entries(text) == entries[-len(parse_entries(text)) :]
