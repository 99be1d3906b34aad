"""What a user remembers about the fields of one site, and how feedback changes it."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import TypeAdapter

from fieldwise_common.wire import FeedbackRequest, KnownField

MAX_ENTRIES = 300
"""Fields of one site, and of all pages without an origin together; the one changed longest ago is dropped first."""
MAX_MEMORY_BYTES = 100_000
"""Of one site; with the recent forms, well below DynamoDB's 400 KB per item."""
MAX_REJECTED = 10
"""Rejected ids of one field; the oldest is dropped first."""


class RememberedField(KnownField):
    """One field. `label` is for people who read their list; `at`: when it was last changed."""

    label: str = ""
    at: datetime


Entries = tuple[RememberedField, ...]
"""Those of one site, the one changed longest ago first."""

_ENTRIES = TypeAdapter(Entries)


def parse_entries(text: str) -> Entries:
    """Raises pydantic's ValidationError when the text is not a site's entries in JSON."""
    return _ENTRIES.validate_json(text)


def bounded_text(entries: Entries) -> str:
    """Entries as JSON to store, without the oldest ones if they are too many or too large."""
    entries = entries[-MAX_ENTRIES:]
    while len(text := _ENTRIES.dump_json(entries, exclude_defaults=True)) > MAX_MEMORY_BYTES:
        entries = entries[1:]
    return text.decode()


def corrected(entries: Entries, signature: str, label: str, feedback: FeedbackRequest, at: datetime) -> Entries:
    """The entries after feedback about the field with this signature; `entries` itself if they already say the same.

    `correct` confirms the id, a correction confirms `corrected_to` and rejects the id, and `incorrect` alone rejects it; so does
    a correction to the same id. The last word counts: an id is never both confirmed and rejected.
    """
    old = next((entry for entry in entries if entry.signature == signature), None)
    canonical, rejected = (old.canonical, old.rejected) if old is not None else ("", ())
    if feedback.feedback == "correct":
        canonical = feedback.canonical
    else:
        rejected = (*_without(feedback.canonical, rejected), feedback.canonical)
        is_corrected = feedback.corrected_to not in {"", feedback.canonical}
        canonical = feedback.corrected_to if is_corrected else "" if canonical == feedback.canonical else canonical
    rejected = _without(canonical, rejected)[-MAX_REJECTED:]
    if old is not None and (old.canonical, set(old.rejected)) == (canonical, set(rejected)):
        return entries
    new = RememberedField(signature=signature, canonical=canonical, rejected=rejected, label=label, at=at)
    return (*forgotten(entries, signature), new)


def forgotten(entries: Entries, signature: str) -> Entries:
    """The entries without the field with this signature."""
    return tuple(entry for entry in entries if entry.signature != signature)


def _without(canonical: str, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(one for one in ids if one != canonical)
