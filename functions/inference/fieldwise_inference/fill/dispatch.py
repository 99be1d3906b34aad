"""Each match to its handler; every match comes out as a fill or as unfilled, never as both."""

from collections.abc import Callable, Mapping

from fieldwise_common.canonical import is_negative, is_secret
from fieldwise_common.wire import Fill, FillResponse, Match, MlFillRequest, Unfilled
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.blank import Blank, kind_of
from fieldwise_inference.fill.choices.choose import choose
from fieldwise_inference.fill.choices.polarity import asks_otherwise
from fieldwise_inference.fill.dates.date_ids import DATE_IDS, DATE_PART_IDS
from fieldwise_inference.fill.handlers.date import native_date, text_date
from fieldwise_inference.fill.handlers.date_part import date_part
from fieldwise_inference.fill.handlers.number import digits_only, number
from fieldwise_inference.fill.handlers.place import country, subdivision
from fieldwise_inference.fill.handlers.tel import TEL_IDS, tel
from fieldwise_inference.fill.handlers.text import email, text
from fieldwise_inference.fill.handlers.tick import checkbox, lone_radio
from fieldwise_inference.fill.handlers.url import URL_IDS, url
from fieldwise_inference.fill.knowledge.other_parts import is_house_number, is_name_particle
from fieldwise_inference.fill.outcome import Answer, Outcome, Reason, Refusal

Handler = Callable[[Blank], Outcome]

HIGH_PROBABILITY = 0.9
"""From here on a ranker's probability counts as sure."""
SURE_METHODS = frozenset({"autocomplete", "lexical-exact"})

REFUSED_TYPES: Mapping[str, Reason] = {
    "file": Reason.FILE,
    "password": Reason.SECRET,
    **dict.fromkeys(("hidden", "submit", "button", "image", "reset", "color", "range", "time", "datetime-local"), Reason.NOT_FILLABLE),
}

BY_TYPE: Mapping[str, Handler] = {
    "checkbox": checkbox,
    "date": native_date,
    "month": native_date,
    "week": native_date,
    "email": email,
    "url": url,
}

BY_CANONICAL: Mapping[str, Handler] = {
    **dict.fromkeys(DATE_IDS, text_date),
    **dict.fromkeys(DATE_PART_IDS, date_part),
    **dict.fromkeys(TEL_IDS, tel),
    **dict.fromkeys(URL_IDS, url),
    "country": country,
    "address-level1": subdivision,
}


def _number_box(blank: Blank) -> Outcome:
    """A number box takes what its meaning's own handler writes, as long as that is digits."""
    own = BY_CANONICAL.get(blank.canonical)
    return digits_only(own(blank)) if own is not None else number(blank)


def _answer(blank: Blank, encoder: Encoder) -> Outcome:
    """By the field's type where that decides, else by what it means, else as text."""
    if blank.kind == "select" or (blank.kind == "radio" and blank.field.options):
        return choose(blank, encoder)
    if blank.kind == "radio":
        return lone_radio(blank)
    if blank.kind == "number":
        return _number_box(blank)
    if blank.kind in BY_TYPE:
        return BY_TYPE[blank.kind](blank)
    if blank.field.options:
        suggested = choose(blank, None)
        if isinstance(suggested, Answer):
            return suggested
    return BY_CANONICAL.get(blank.canonical, text)(blank)


def _misfit(match: Match) -> Reason | None:
    """Why the field's own words want something else than the profile's value of that meaning; None when they do not."""
    texts = (match.field.label, match.field.placeholder)
    if asks_otherwise(match.canonical, texts):
        return Reason.INVERTED_QUESTION
    if match.canonical == "address-line2" and is_house_number(texts):
        return Reason.HOUSE_NUMBER
    return Reason.NAME_PARTICLE if match.canonical == "additional-name" and is_name_particle(texts) else None


def _outcome(match: Match, profile: Mapping[str, str], encoder: Encoder) -> Outcome:
    """Refuses what is never filled before any value is looked at."""
    kind = kind_of(match.field)
    if is_secret(match.canonical):
        return Refusal(Reason.SECRET)
    if is_negative(match.canonical):
        return Refusal(Reason.NOTHING)
    if kind in REFUSED_TYPES:
        return Refusal(REFUSED_TYPES[kind])
    misfit = _misfit(match)
    if misfit is not None:
        return Refusal(misfit)
    value = profile.get(match.canonical, "").replace("\x00", "").strip()
    return _answer(Blank(match.canonical, value, match.field, profile), encoder) if value else Refusal(Reason.NO_VALUE)


def _is_sure(match: Match) -> bool:
    return match.method in SURE_METHODS or (match.method == "ranker" and match.score >= HIGH_PROBABILITY)


def fill(request: MlFillRequest, encoder: Encoder) -> FillResponse:
    """A value for each match in the field's own format, or the reason why there is none; in the order of the matches."""
    fills: list[Fill] = []
    unfilled: list[Unfilled] = []
    for match in request.matches:
        outcome = _outcome(match, request.user_profile, encoder)
        named = {"selector": match.selector, "canonical": match.canonical, "decision_id": match.decision_id}
        if isinstance(outcome, Answer):
            confidence = "high" if _is_sure(match) else "medium"
            fills.append(Fill.model_validate({**named, "value": outcome.value, "confidence": confidence, "warning": outcome.caveat}))
        else:
            unfilled.append(Unfilled(**named, reason=outcome.reason))
    return FillResponse(fills=tuple(fills), unfilled=tuple(unfilled))
