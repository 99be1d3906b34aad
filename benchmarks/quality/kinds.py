"""What a user feels, by kind of form: wrong answers and silence apart, whole forms right, and three kinds of harm.

An answer is *right*, *silent* (empty, though it should not be) or *wrong*, as an id and, where the truth has values, as a value.
Silence costs a user some typing, a wrong answer much more.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from benchmarks.quality.measure import Result
from benchmarks.shared.truth import TruthField
from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING
from fieldwise_inference.classify.autocomplete import token
from fieldwise_training.evaluation.metrics import Share

Verdict = Literal["right", "silent", "wrong"]
Form = Sequence[Result]
ALL = "all"


class Frozen(BaseModel):
    """Base of the figures: immutable, and written to JSON as they are."""

    model_config = ConfigDict(frozen=True)


class Tally(Frozen):
    """Numbers of fields, by verdict."""

    right: int
    silent: int
    wrong: int


class KindFigures(Frozen):
    """How well one kind of form was filled."""

    forms: int
    whole: int
    """Forms in which every field is right, an empty one included where it must stay empty."""
    without_wrong: int
    """Forms in which no field is wrong; some may be silent."""
    ids: Tally
    values: Tally
    """Of the fields whose right values are known."""
    not_risked: int
    """Of the right values, the fields that are empty where a value is right too: inverted questions, other units."""


class OtherPeople(Frozen):
    """Fields that ask for another person's or a thing's data: how many get the user's."""

    matched: Share
    """Fields with an accepted id, whatever the fill makes of it."""
    filled: Share
    by_whose: Mapping[str, Share]
    """Of each owner's fields, those filled."""


class Radios(Frozen):
    """Questions of several radios. A client that fills two of them answers at random."""

    questions: int
    answered: int
    twice: int
    """Questions of which two radios were filled; there must be none."""


class Mistake(Frozen):
    """One field that is not right, with the evidence of its decision."""

    form: str
    kind: str
    field: str
    label: str
    id: Verdict
    value: Verdict | None
    predicted: str
    expected: tuple[str, ...]
    filled: str | None
    """The value that was written, from `examples/profile.json`."""
    expected_values: tuple[str | None, ...]
    method: str
    score: float
    signals: tuple[str, ...]


class Kinds(Frozen):
    """The figures of all forms."""

    by_kind: Mapping[str, KindFigures]
    """`all` first, then each kind, the largest first."""
    compared: Mapping[str, KindFigures]
    """The references, on the forms for which they have an answer to every field, and this version on the same forms."""
    other_people: OtherPeople
    later_entries: Tally
    """The fields of second and later jobs, schools and projects. Here silence is right as well."""
    radios: Radios
    mistakes: tuple[Mistake, ...]


def kinds(forms: Sequence[Form], compared: Mapping[str, Sequence[Form]]) -> Kinds:
    """All the figures. `compared`: by name, the same forms as other versions answer them."""
    return Kinds(
        by_kind=by_kind(forms),
        compared={**references(forms), **{name: figures(theirs) for name, theirs in compared.items()}},
        other_people=other_people(forms),
        later_entries=tally(_later(result) for form in forms for result in form if (result.field.nth or 1) > 1),
        radios=radios(forms),
        mistakes=tuple(_mistake(result) for form in forms for result in form if not _is_right(result)),
    )


def of_id(field: TruthField, predicted: str) -> Verdict:
    """The verdict on an id, or on `none`."""
    if field.accepts(predicted):
        return "right"
    return "silent" if predicted == NOTHING else "wrong"


def of_value(result: Result) -> Verdict | None:
    """The verdict on what was written; None if the right values are not known."""
    if not result.field.values:
        return None
    if result.value in result.field.values:
        return "right"
    return "silent" if result.value is None else "wrong"


def tally(verdicts: Iterable[Verdict | None]) -> Tally:
    """How often there is each verdict."""
    counts = Counter(verdicts)
    return Tally(right=counts["right"], silent=counts["silent"], wrong=counts["wrong"])


def figures(forms: Sequence[Form], predicted: Callable[[Result], str] | None = None) -> KindFigures:
    """The figures of some forms. `predicted`: another predictor's id for each field; its values are not known."""
    if predicted is None:
        ids = [[of_id(result.field, result.predicted) for result in form] for form in forms]
        values = [[of_value(result) for result in form] for form in forms]
    else:
        ids = [[of_id(result.field, predicted(result)) for result in form] for form in forms]
        values = [[None for _ in form] for form in forms]
    verdicts = [{*one, *other} for one, other in zip(ids, values, strict=True)]
    return KindFigures(
        forms=len(forms),
        whole=sum(one <= {"right", None} for one in verdicts),
        without_wrong=sum("wrong" not in one for one in verdicts),
        ids=tally(verdict for form in ids for verdict in form),
        values=tally(verdict for form in values for verdict in form),
        not_risked=sum(_is_not_risked(result) for form in forms for result in form) if predicted is None else 0,
    )


def _is_not_risked(result: Result) -> bool:
    values = result.field.values
    return result.value is None and None in values and len(set(values)) > 1


def by_kind(forms: Sequence[Form]) -> dict[str, KindFigures]:
    """The figures of all forms, then of each kind, the kind with most forms first. A form's kind is its first field's source."""
    parts: dict[str, list[Form]] = {}
    for form in forms:
        parts.setdefault(form[0].field.source or "unnamed", []).append(form)
    in_order = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))
    return {ALL: figures(forms), **{name: figures(part) for name, part in in_order}}


def references(forms: Sequence[Form]) -> dict[str, KindFigures]:
    """Ids alone: what the forms' own `autocomplete` attributes would fill, and a browser's heuristics where all its answers are known."""
    found = {"their own autocomplete alone": figures(forms, lambda result: token(result.field.descriptor.autocomplete) or NOTHING)}
    known = [form for form in forms if all(result.field.peer for result in form)]
    if known:
        found["a browser's heuristics"] = figures(known, lambda result: result.field.peer)
        found["this version on the same forms"] = figures(known)
    return found


def other_people(forms: Sequence[Form]) -> OtherPeople:
    """How many fields that ask for another person's data get the user's."""
    theirs = [result for form in forms for result in form if result.field.whose and result.field.accepts(NOTHING)]
    owners = Counter(result.field.whose for result in theirs)
    filled = Counter(result.field.whose for result in theirs if result.value is not None)
    return OtherPeople(
        matched=Share(hits=sum(result.predicted != NOTHING for result in theirs), of=len(theirs)),
        filled=Share(hits=filled.total(), of=len(theirs)),
        by_whose={owner: Share(hits=filled[owner], of=count) for owner, count in sorted(owners.items())},
    )


def _later(result: Result) -> Verdict:
    """The verdict on a field of a second or later entry: by its value, or else by its id and the number of the entry."""
    if result.value is None:
        return "silent"
    by_value = of_value(result)
    if by_value is not None:
        return by_value
    is_right = result.field.accepts(result.predicted) and (result.entry or 1) == result.field.nth
    return "right" if is_right else "wrong"


def radios(forms: Sequence[Form]) -> Radios:
    """Radios are one question if a browser lets only one of them be chosen: by name, or by group where there is no name."""
    filled = [count for form in forms for count in _filled_radios(form) if count is not None]
    return Radios(questions=len(filled), answered=sum(count > 0 for count in filled), twice=sum(count > 1 for count in filled))


def _filled_radios(form: Form) -> list[int]:
    """For each question of several radios, how many of them were filled."""
    questions: dict[tuple[str, str, str], list[bool]] = {}
    for result in form:
        field = result.field.descriptor
        if field.kind == "radio" and not field.options and (field.name or field.group):
            questions.setdefault((field.frame, field.form, field.name or field.group), []).append(result.value is not None)
    return [sum(filled) for filled in questions.values() if len(filled) > 1]


def _is_right(result: Result) -> bool:
    return of_id(result.field, result.predicted) == "right" and of_value(result) in {"right", None}


def _mistake(result: Result) -> Mistake:
    field = result.field
    return Mistake(
        form=field.site,
        kind=field.source,
        field=field.descriptor.selector,
        label=field.descriptor.label,
        id=of_id(field, result.predicted),
        value=of_value(result),
        predicted=result.predicted,
        expected=tuple(sorted(field.accepted)) or (field.truth,),
        filled=result.value,
        expected_values=field.values,
        method=result.method,
        score=result.score,
        signals=result.signals,
    )
