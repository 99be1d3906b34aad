"""Collects the forms that got feedback, with all their fields, from the `classify` rows of the log."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern

from fieldwise_common.decision_log import LogRow, field_cell
from fieldwise_common.wire import FieldDescriptor
from fieldwise_training.feedback.join import form_of
from fieldwise_training.feedback.judged import MAX_CHARACTERS_PER_USER, MAX_FIELDS, MAX_FORMS, MAX_FORMS_PER_USER, JudgedField
from fieldwise_training.feedback.rows import FeedbackRow, instant, position_of, short
from fieldwise_training.feedback.votes import MAX_LABEL

Form = tuple[str, str]
"""Request and user: users' feedback finds only forms of their own."""
Field = tuple[str, str]
"""Site and signature."""

OF_ONE_USER = "forms of one user"
OF_A_VERSION = "forms of a version"
"""The limits, as reports name them."""


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
    left_out: dict[Form, str] = {}
    characters: Counter[str] = Counter()
    for row in rows:
        if row is None:
            quarantined["malformed row"] += 1
            continue
        if (row.site, row.signature) in fields:
            found.labels[row.site, row.signature] = (row.label or row.text)[:MAX_LABEL]
        form = (form_of(row), row.user_hash)
        verdicts = wanted.get(form)
        if verdicts is None:
            continue
        if form not in seen and (limit := _limit_reached(found, characters[row.user_hash])):
            left_out[form] = limit
            continue
        places = seen.setdefault(form, set())
        position = position_of(row)
        place = position if position is not None else short(row.selector)
        if place not in places:
            judged = _judged(row, form[0], place, len(places), verdicts.get(place))
            found.judged.append(judged)
            characters[row.user_hash] += len(judged.field) if row.user_hash else 0
            places.add(place)
    capped.update(left_out.values())
    found.missing = len(wanted.keys() - seen.keys() - left_out.keys())
    return found


def _limit_reached(found: Forms, characters: int) -> str:
    """The limit that the next form would exceed, or "". `characters`: of its user's forms so far."""
    if len(found.judged) >= MAX_FIELDS:
        return OF_A_VERSION
    return OF_ONE_USER if characters >= MAX_CHARACTERS_PER_USER else ""


def _wanted(feedback: Sequence[FeedbackRow], capped: Counter[str]) -> dict[Form, dict[int | str, FeedbackRow]]:
    """The last row about each field of each form, for the forms to keep."""
    limits = FormLimits(capped)
    kept: dict[Form, dict[int | str, FeedbackRow]] = {}
    dropped: set[Form] = set()
    for row in sorted(feedback, key=lambda row: row.at)[::-1]:
        form = (row.request_id, row.user)
        if not row.request_id or form in dropped:
            continue
        if form not in kept and not limits.admits(row.user):
            dropped.add(form)
            continue
        kept.setdefault(form, {}).setdefault(row.place, row)
    return kept


class FormLimits:
    """The limits of forms per user and in all. `capped` gets how many forms each has removed."""

    def __init__(self, capped: Counter[str]) -> None:
        self._capped = capped
        self._admitted = 0
        self._by_user: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()

    def admits(self, user: str, characters: int = 0) -> bool:
        """Whether a user's next form is within the limits. To be called for the newest form first.

        `characters`: of the descriptions of its fields, if they are known.
        """
        if user and (self._by_user[user] >= MAX_FORMS_PER_USER or self._characters[user] >= MAX_CHARACTERS_PER_USER):
            self._capped[OF_ONE_USER] += 1
            return False
        if self._admitted >= MAX_FORMS:
            self._capped[OF_A_VERSION] += 1
            return False
        self._by_user[user] += 1
        self._characters[user] += characters
        self._admitted += 1
        return True


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
    return field_cell(FieldDescriptor.model_validate({"selector": "-", **known}))
