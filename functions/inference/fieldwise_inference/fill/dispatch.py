"""Each match to its handler; every match ends up filled or unfilled, never both."""

from collections.abc import Callable, Mapping

from fieldwise_common.canonical import Answer, is_negative, is_secret
from fieldwise_common.wire import Fill, FillResponse, Match, MlFillRequest, Unfilled
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.choices.choose import choose
from fieldwise_inference.fill.choices.tick import checkbox, lone_radio
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.date import date_part, native_date, text_date
from fieldwise_inference.fill.handlers.number import digits_only, number
from fieldwise_inference.fill.handlers.region import country, region
from fieldwise_inference.fill.handlers.tel import tel
from fieldwise_inference.fill.handlers.text import email, text
from fieldwise_inference.fill.handlers.url import url
from fieldwise_inference.fill.misfit import misfit
from fieldwise_inference.fill.result import Filled, FillResult, NotFilled, Reason

Handler = Callable[[FieldToFill], FillResult]

SURE_METHODS = frozenset({"remembered", "override", "site", "autocomplete", "lexical-exact"})
"""Methods whose matches are of high confidence."""
SURE_PROBABILITY = 0.9
"""From here on, a ranker's match is of high confidence too."""

REFUSED_KINDS: Mapping[str, Reason] = {
    "file": Reason.FILE,
    "password": Reason.SECRET,
    **dict.fromkeys(("hidden", "submit", "button", "image", "reset", "color", "range", "time", "datetime-local"), Reason.NOT_FILLABLE),
}

BY_KIND: Mapping[str, Handler] = {
    "checkbox": checkbox,
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
}
"""Handlers for a text or number box, by the kind of answer; all other answers are text or a number."""


def fill(request: MlFillRequest, encoder: Encoder) -> FillResponse:
    """A value for each match in the format its field expects, or the reason why there is none; in the order of the matches."""
    fills: list[Fill] = []
    unfilled: list[Unfilled] = []
    for match in request.matches:
        result = _fill_one(match, request.user_profile, encoder)
        common = {"selector": match.selector, "canonical": match.canonical, "decision_id": match.decision_id}
        if isinstance(result, Filled):
            confidence = "high" if _is_sure(match) else "medium"
            fills.append(Fill.model_validate({**common, "value": result.value, "confidence": confidence, "warning": result.caveat}))
        else:
            unfilled.append(Unfilled(**common, reason=result.reason))
    return FillResponse(fills=tuple(fills), unfilled=tuple(unfilled))


def _is_sure(match: Match) -> bool:
    return match.method in SURE_METHODS or (match.method == "ranker" and match.score >= SURE_PROBABILITY)


def _fill_one(match: Match, profile: Mapping[str, str], encoder: Encoder) -> FillResult:
    """Refuses what is never filled before it reads any value."""
    refused = _refused(match)
    if refused is not None:
        return NotFilled(refused)
    value = profile.get(match.canonical, "").replace("\x00", "").strip()
    if not value:
        return NotFilled(Reason.NO_VALUE)
    return _by_field(FieldToFill(match.canonical, value, match.field, profile), encoder)


def _refused(match: Match) -> Reason | None:
    if is_secret(match.canonical):
        return Reason.SECRET
    if is_negative(match.canonical):
        return Reason.NOTHING
    return REFUSED_KINDS.get(match.field.kind) or misfit(match.canonical, match.field)


def _by_field(to_fill: FieldToFill, encoder: Encoder) -> FillResult:
    """By the kind of field if that decides, else by the kind of answer, else as text."""
    kind, options = to_fill.field.kind, to_fill.field.options
    if kind == "select" or (kind in {"radio", ""} and options):
        return choose(to_fill, encoder)
    if kind == "radio":
        return lone_radio(to_fill)
    by_answer = BY_ANSWER.get(to_fill.row.answer)
    if kind == "number":
        return digits_only(by_answer(to_fill)) if by_answer else number(to_fill)
    if kind in BY_KIND:
        return BY_KIND[kind](to_fill)
    if options:  # a text box that suggests them
        suggested = choose(to_fill, None)
        if isinstance(suggested, Filled):
            return suggested
    return (by_answer or text)(to_fill)
