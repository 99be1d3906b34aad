"""The forms a user classified last on one site: how feedback, which names a selector, finds the field's signature.

Stored as text, one line per form, the newest first: `<request id> <epoch seconds>`, then per field, after a tab,
`<position> <hash of the selector> <signature> <accepted id, or -> <label>`. Classifying compares this text without parsing it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fieldwise_common.canonical import NOTHING
from fieldwise_common.wire import Decision

MAX_FORMS = 5
MAX_BYTES = 64_000
MAX_LABEL = 80
KEEP_SECONDS = 24 * 3600
"""How long a form is remembered after it was classified."""
RENEW_SECONDS = KEEP_SECONDS // 2
"""From this age on, a form is stored again even if it has not changed."""
SELECTOR_DIGITS = 12
NONE = "-"
"""Stands for an empty cell."""


@dataclass(frozen=True, slots=True)
class RecentField:
    """One field. `accepted`: the id it was given, or ""."""

    position: int
    selector: str
    """Its hash."""
    signature: str
    accepted: str
    label: str


@dataclass(frozen=True, slots=True)
class RecentForm:
    """One form. `at`: epoch seconds."""

    request_id: str
    at: int
    fields: tuple[RecentField, ...]

    def field(self, selector: str) -> RecentField | None:
        """The field with this selector."""
        wanted = selector_hash(selector)
        return next((field for field in self.fields if field.selector == wanted), None)


def selector_hash(selector: str) -> str:
    """A short hash: selectors can be long, and are only compared."""
    return hashlib.sha256(selector.encode()).hexdigest()[:SELECTOR_DIGITS]


def fields_text(decisions: Iterable[Decision]) -> str:
    """The fields of a form as stored; those without a signature, such as duplicates, are left out."""
    return "".join(
        f"\t{d.position} {selector_hash(d.selector)} {d.signature}"
        f" {(d.predicted if d.decision == 'accepted' else '') or NONE} {_label(d.label or d.placeholder or d.text)}"
        for d in decisions
        if d.signature
    )


def _label(text: str) -> str:
    return " ".join(text.split())[:MAX_LABEL]


def with_form(recent: str, request_id: str, fields: str, now: int) -> str:
    """The text with a form as its newest, without outdated forms, and without the oldest if they are too many or too large."""
    earlier = (line for line in recent.splitlines() if now - _time_of(line) < KEEP_SECONDS)
    lines = [f"{request_id or NONE} {now}{fields}", *earlier][:MAX_FORMS]
    while len(lines) > 1 and sum(len(line.encode()) + 1 for line in lines) > MAX_BYTES:
        lines.pop()
    return "\n".join(lines)


def without_form(recent: str, fields: str) -> str:
    """The text without the forms that have exactly these fields: stored twice, a form would only push others out."""
    return "\n".join(line for line in recent.splitlines() if _fields_of(line) != fields)


def is_newest(recent: str, fields: str, now: int) -> bool:
    """Whether the newest stored form has exactly these fields, and is too recent to be stored again."""
    newest = recent.partition("\n")[0]
    return _fields_of(newest) == fields and now - _time_of(newest) < RENEW_SECONDS


def newest_form(recent: str) -> str:
    """The newest form's request id and time. The text starts with it, so a conditional write compares this instead of the whole text."""
    return recent.partition("\n")[0].partition("\t")[0]


def forms_of(recent: str, now: int) -> list[RecentForm]:
    """The stored forms, the newest first. Outdated and malformed ones are left out."""
    forms = (_form(line) for line in recent.splitlines())
    return [form for form in forms if form is not None and now - form.at < KEEP_SECONDS]


def _form(line: str) -> RecentForm | None:
    head, *fields = line.split("\t")
    request_id, _, at = head.partition(" ")
    try:
        return RecentForm("" if request_id == NONE else request_id, int(at), tuple(map(_field, fields)))
    except ValueError:
        return None


def _field(text: str) -> RecentField:
    position, selector, signature, accepted, label = text.split(" ", 4)
    return RecentField(int(position), selector, signature, "" if accepted == NONE else accepted, label)


def _fields_of(line: str) -> str:
    _, tab, fields = line.partition("\t")
    return tab + fields


def _time_of(line: str) -> int:
    """When a form was stored, in epoch seconds; 0 for a malformed line, which is outdated then."""
    at = line.partition("\t")[0].rpartition(" ")[2]
    return int(at) if at.isdecimal() else 0


def has_decided(forms: Sequence[RecentForm], request_id: str, position: int, selector: str) -> bool:
    """Whether a request's form has a field with this selector at a position; if that is not stored, whether any has.

    A form that is classified again is stored once, with the id of its first request.
    """
    wanted = selector_hash(selector)
    named = [form for form in forms if form.request_id == request_id] or forms
    return any((field.position, field.selector) == (position, wanted) for form in named for field in form.fields)


def find_field(forms: Sequence[RecentForm], request_id: str, selector: str, canonical: str) -> tuple[RecentForm, RecentField] | None:
    """The field that feedback about `canonical` (`none`: it was not matched) means; None if no form has the selector.

    The form of the request, if it is stored; else the newest whose answer was that; else the newest.
    """
    found = [(form, field) for form in forms if (field := form.field(selector)) is not None]
    by_request = (pair for pair in found if request_id and pair[0].request_id == request_id)
    fitting = (pair for pair in found if (pair[1].accepted or NOTHING) == canonical)
    return next(by_request, None) or next(fitting, None) or next(iter(found), None)
