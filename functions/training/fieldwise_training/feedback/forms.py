"""Collects the forms that got feedback, with all their fields, from the `classify` rows of the log."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern

from fieldwise_common.decision_log import LogRow, field_cell
from fieldwise_common.wire import FieldDescriptor
from fieldwise_training.feedback.join import form_of
from fieldwise_training.feedback.judged import MAX_FIELDS, MAX_FORMS, MAX_FORMS_PER_USER, JudgedField
from fieldwise_training.feedback.rows import FeedbackRow, instant

Form = tuple[str, str]
"""Form and user: feedback on a form of another user's finds nothing."""
Field = tuple[str, str]
"""Site and signature."""


@dataclass(slots=True)
class Forms:
    """What the log has of the forms and fields with feedback."""

    judged: list[JudgedField] = field(default_factory=list)
    """Every field of the forms, in the order of the log."""
    labels: dict[Field, str] = field(default_factory=dict)
    missing: int = 0
    """Forms that the log no longer has, or that are another user's."""


def collected(feedback: Sequence[FeedbackRow], rows: Iterable[LogRow | None], capped: Counter[str], quarantined: Counter[str]) -> Forms:
    """The forms with the newest feedback, within the limits of `judged`. `rows` are read once.

    `capped` gets how many forms the limits removed, `quarantined` how many rows are malformed.
    """
    wanted = _wanted(feedback, capped)
    fields = {(row.site, row.signature) for row in feedback if row.signature}
    found = Forms()
    seen: dict[Form, set[int | str]] = {}
    left_out: set[Form] = set()
    for row in rows:
        if row is None:
            quarantined["malformed row"] += 1
            continue
        if (row.site, row.signature) in fields:
            found.labels[row.site, row.signature] = row.label or row.text
        form = (form_of(row), row.user_hash)
        verdicts = wanted.get(form)
        if verdicts is None:
            continue
        if form not in seen and len(found.judged) >= MAX_FIELDS:
            left_out.add(form)
            continue
        places = seen.setdefault(form, set())
        place = int(row.position) if row.position.isdecimal() else row.selector
        if place not in places:
            found.judged.append(_judged(row, form[0], place, len(places), verdicts.get(place)))
            places.add(place)
    if left_out:
        capped["forms of a version"] += len(left_out)
    found.missing = len(wanted.keys() - seen.keys() - left_out)
    return found


def _wanted(feedback: Iterable[FeedbackRow], capped: Counter[str]) -> dict[Form, dict[int | str, FeedbackRow]]:
    """The last row about each field of each form, for the forms to keep."""
    every: dict[Form, dict[int | str, FeedbackRow]] = {}
    for row in feedback:
        if row.request_id:
            verdicts = every.setdefault((row.request_id, row.user), {})
            before = verdicts.get(row.place)
            if before is None or before.at <= row.at:
                verdicts[row.place] = row
    newest = sorted(((max(row.at for row in verdicts.values()), form) for form, verdicts in every.items()), reverse=True)
    kept = within_limits([form for _, form in newest], capped)
    return {form: every[form] for form in kept}


def within_limits(newest_first: Iterable[Form], capped: Counter[str]) -> list[Form]:
    """The forms without those beyond the limits per user and in all. `capped` gets how many that are."""
    by_user: Counter[str] = Counter()
    kept: list[Form] = []
    for form in newest_first:
        if form[1] and by_user[form[1]] >= MAX_FORMS_PER_USER:
            capped["forms of one user"] += 1
        elif len(kept) >= MAX_FORMS:
            capped["forms of a version"] += 1
        else:
            by_user[form[1]] += 1
            kept.append(form)
    return kept


def _judged(row: LogRow, form: str, place: int | str, number: int, verdict: FeedbackRow | None) -> JudgedField:
    """`number`: how many fields of the form came before, for rows without a position."""
    return JudgedField(
        site=intern(row.site),
        request_id=intern(form),
        position=place if isinstance(place, int) else number,
        signature=intern(row.signature),
        user=intern(row.user_hash),
        at=verdict.at if verdict is not None else intern(instant(row.timestamp)),
        model_version=intern(row.model_version),
        field=intern(row.field or _described(row)),
        predicted=intern(row.predicted) if row.decision == "accepted" else "",
        verdict=verdict.verdict if verdict is not None else "",
        about=verdict.about if verdict is not None else "",
        corrected_to=verdict.corrected_to if verdict is not None else "",
    )


def _described(row: LogRow) -> str:
    """The description of a field in the log of an earlier release, from the columns it had."""
    label = row.label or (row.text if row.text != row.placeholder else "")
    known = {"label": label, "placeholder": row.placeholder, "type": row.field_type, "required": row.required == "true"}
    return field_cell(FieldDescriptor.model_validate({"selector": row.selector or "-", **known}))
