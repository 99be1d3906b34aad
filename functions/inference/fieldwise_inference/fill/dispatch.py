"""Each question of a form to what answers it; every match ends up filled or unfilled, never both."""

from collections.abc import Callable, Mapping, Sequence

from fieldwise_common.canonical import Answer, is_negative, is_secret
from fieldwise_common.wire import Fill, FillResponse, Match, MlFillRequest, Unfilled
from fieldwise_common.wire_fields import NEVER_FILLED_TYPES, SELECT_ROLES
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.choices.choose import choose
from fieldwise_inference.fill.choices.tick import boxes, radios
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.form import Form
from fieldwise_inference.fill.handlers.characters import characters
from fieldwise_inference.fill.handlers.date import date_part, native_date, text_date
from fieldwise_inference.fill.handlers.era import era, era_year
from fieldwise_inference.fill.handlers.kana import kana
from fieldwise_inference.fill.handlers.number import digits_only, in_range, number
from fieldwise_inference.fill.handlers.region import country, location, region, spoken_language
from fieldwise_inference.fill.handlers.tel import tel
from fieldwise_inference.fill.handlers.text import email, text
from fieldwise_inference.fill.handlers.url import url
from fieldwise_inference.fill.misfit import misfit
from fieldwise_inference.fill.questions.conversions import in_units
from fieldwise_inference.fill.questions.ethnicity import as_asked
from fieldwise_inference.fill.questions.fields import Question, Shape, questions
from fieldwise_inference.fill.questions.polarity import asked
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

Handler = Callable[[FieldToFill], FillResult]

SURE_METHODS = frozenset({"remembered", "override", "site", "autocomplete", "lexical-exact"})
"""Methods whose matches are of high confidence."""
SURE_PROBABILITY = 0.9
"""From here on, a ranker's match is of high confidence too."""

REFUSED_KINDS: Mapping[str, Reason] = {
    **dict.fromkeys(NEVER_FILLED_TYPES | {"time", "datetime-local"}, Reason.NOT_FILLABLE),
    "file": Reason.FILE,
    "password": Reason.SECRET,
}

BY_KIND: Mapping[str, Handler] = {
    "date": native_date,
    "month": native_date,
    "week": native_date,
    "email": email,
    "url": url,
}
"""Handlers by the kind of field, where that decides."""

BY_ANSWER: Mapping[Answer, Handler] = {
    Answer.DATE: text_date,
    Answer.DATE_PART: date_part,
    Answer.TEL: tel,
    Answer.TEL_PART: tel,
    Answer.DIAL_CODE: tel,
    Answer.URL: url,
    Answer.COUNTRY: country,
    Answer.REGION: region,
    Answer.LANGUAGE: spoken_language,
}
"""Handlers for a text or number box, by the kind of answer; all other answers are text or a number."""

BY_ID: Mapping[str, Handler] = {
    "bday-era": era,
    "location": location,
    **dict.fromkeys(("given-name-kana", "family-name-kana", "name-kana"), kana),
}
"""Handlers for a text box, by the canonical id, where that decides."""

CHOSEN_KINDS = frozenset({"select", "radio", "checkbox", ""})
"""Kinds of field that with options are a choice."""


def fill(request: MlFillRequest, encoder: Encoder) -> FillResponse:
    """A value for each match in the format its field expects, or the reason why there is none; in the order of the matches."""
    form = Form(request.matches, request.user_profile)
    results: dict[int, FillResult] = {}
    for question in questions(request.matches):
        results.update(zip(question.members, _answer(question, form, encoder), strict=True))
    fills: list[Fill] = []
    unfilled: list[Unfilled] = []
    for position, match in enumerate(request.matches):
        result = results[position]
        common = {"selector": match.selector, "canonical": match.canonical, "decision_id": match.decision_id}
        if isinstance(result, Filled):
            confidence = "high" if _is_sure(match) else "medium"
            how = {"text": result.text, "values": result.values, "action": result.action, "entry": match.entry}
            fills.append(Fill.model_validate({**common, **how, "value": result.value, "confidence": confidence, "warning": result.caveat}))
        else:
            unfilled.append(Unfilled(**common, reason=result.reason))
    return FillResponse(fills=tuple(fills), unfilled=tuple(unfilled))


def _is_sure(match: Match) -> bool:
    return match.method in SURE_METHODS or (match.method == "ranker" and match.score >= SURE_PROBABILITY)


def _answer(question: Question, form: Form, encoder: Encoder) -> Sequence[FillResult]:
    """One result for each member. What is never filled is refused before any value is read."""
    members = [form.matches[position] for position in question.members]
    refused = [_refused(match) for match in members]
    if Reason.ALREADY_FILLED in refused:  # the user has answered the question
        refused = [reason or Reason.ALREADY_FILLED for reason in refused]
    if all(refused):
        return [NotFilled(reason) for reason in refused if reason]
    if len({match.canonical for match in members}) > 1:
        return [NotFilled(reason or Reason.OTHER_QUESTION) for reason in refused]
    to_fill = form.to_fill(question.members[0])
    results = [to_fill] * len(members) if isinstance(to_fill, NotFilled) else _by_shape(question.shape, to_fill, members, encoder)
    return [NotFilled(reason) if reason else result for reason, result in zip(refused, results, strict=True)]


def _refused(match: Match) -> Reason | None:
    if is_secret(match.canonical):
        return Reason.SECRET
    if is_negative(match.canonical):
        return Reason.NOTHING
    states = (
        (match.field.filled, Reason.ALREADY_FILLED),
        (match.field.readonly, Reason.READ_ONLY),
        (match.field.disabled, Reason.DISABLED),
    )
    by_state = next((reason for holds, reason in states if holds), None)
    return REFUSED_KINDS.get(match.field.kind) or by_state


def _by_shape(shape: Shape, to_fill: FieldToFill, members: Sequence[Match], encoder: Encoder) -> Sequence[FillResult]:
    fields = [match.field for match in members]
    to_fill = as_asked(to_fill, fields)
    match shape:
        case Shape.RADIOS:
            return radios(to_fill, fields)
        case Shape.BOXES:
            return boxes(to_fill, fields)
        case Shape.CHARACTERS:
            return characters(to_fill, len(fields))
        case Shape.FIELD:
            return [_one_field(to_fill, encoder)]


def _one_field(to_fill: FieldToFill, encoder: Encoder) -> FillResult:
    reason = misfit(to_fill)
    if reason is not None:
        return NotFilled(reason)
    converted = in_units(to_fill)
    return converted if isinstance(converted, NotFilled) else in_range(_by_field(converted, encoder), converted.field)


def _by_field(to_fill: FieldToFill, encoder: Encoder) -> FillResult:
    """By the kind of field if that decides, else by the kind of answer, else as text."""
    kind, options = to_fill.field.kind, to_fill.field.options
    if to_fill.canonical == "bday-year" and "bday-era" in to_fill.beside:
        return era_year(to_fill)
    if kind == "select" or (kind in CHOSEN_KINDS and options):
        return choose(to_fill, encoder if kind != "checkbox" else None)
    by_answer = BY_ID.get(to_fill.canonical) or BY_ANSWER.get(to_fill.row.answer)
    if kind == "number":
        return digits_only(by_answer(to_fill)) if by_answer else number(to_fill)
    if kind in BY_KIND:
        return BY_KIND[kind](to_fill)
    if options:  # a text box that suggests them
        suggested = choose(to_fill, None)
        if isinstance(suggested, Filled):
            return suggested
    return _typed(to_fill, (by_answer or text)(to_fill))


def _typed(to_fill: FieldToFill, result: FillResult) -> FillResult:
    """A typed value. A question that is not the profile's own gets the true answer, or none."""
    question = asked(to_fill)
    if not question.is_plain:
        result = NotFilled(Reason.INVERTED_QUESTION) if question.truth is None else Filled("Yes" if question.truth else "No")
    if isinstance(result, Filled) and to_fill.field.type.lower() in SELECT_ROLES:  # without options: they appear once something is typed
        return Filled(result.value, result.caveat, action="type-then-choose")
    return result
