"""The findings about a decision: what spoke for it and against it, what came second, and what would have been enough."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fieldwise_common.canonical import NOTHING, about, is_negative
from fieldwise_common.wire_explain import Candidate, Change, Needed, ViewEffect
from fieldwise_inference.classify.nearest import NEIGHBOURS
from fieldwise_inference.classify.ranker.decide import DIGITS
from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.owners import SELF
from fieldwise_inference.classify.ruling import BY_PEOPLE, Ruling
from fieldwise_inference.classify.why.asked_field import AskedField, RankedRow
from fieldwise_inference.classify.why.view_effects import AFTER, BEFORE, NEAREST, POSITION, REST, Effect, effects
from fieldwise_inference.classify.why.view_texts import texts_of

SHOWN = 3
"""How many views are listed for the answer, and against it."""
MIN_EFFECT = 0.1
"""In log-odds; a view with less speaks neither for the answer nor against it."""
LIKELY = 0.2
"""The probability from which an explanation tells what the second candidate would have needed."""
NOT_OF_THE_FIELD = frozenset({BEFORE, AFTER, REST, NEAREST, POSITION, "similar"})
"""Views that the page can't leave out of the field."""
CLEARLY_OWNED = 0.8
"""The probability of another owner from which that is given as the reason why a field is empty. Fields that ask for nobody's data have no
owner in the training data, so below this the ranker's owner may be a guess."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons for one decision.

    - probability: what the views spoke for or against; 0 where they did not decide.
    - otherwise: what the decision would be without what people said or without the attribute, if one of them decided.
    - excluded: the likeliest id and its probability, if the field's type does not admit it or people have rejected it.
    - owner: whose data the field asks for, and the probability, if it stays empty for that reason; the views then speak for the owner.
      Else "".
    - requested: the candidate that was asked about, unless it is the answer or the second.
    - not_weighed: the id that was asked about, if the field was decided without candidates; else "".
    - unknown: what was asked about, if it is not an id of the version; else "".
    """

    spoke_for: tuple[ViewEffect, ...] = ()
    spoke_against: tuple[ViewEffect, ...] = ()
    second: Candidate | None = None
    needed: Needed | None = None
    probability: float = 0.0
    otherwise: Ruling | None = None
    excluded: tuple[str, float] | None = None
    owner: tuple[str, float] = ("", 0.0)
    requested: Candidate | None = None
    not_weighed: str = ""
    unknown: str = ""


def reasons(asked: AskedField, requested: str = "") -> Reasons:
    """The reasons for the decision about a field. `requested`: an id to compare with, or ""."""
    if requested and not asked.version.knows(requested):
        return replace(reasons(asked), unknown=requested)
    ruling = asked.ruling
    not_weighed = requested if requested != ruling.canonical else ""
    if ruling.method in BY_PEOPLE or (ruling.method, ruling.outcome) == ("autocomplete", "accepted"):
        return replace(_settled(asked), not_weighed=not_weighed)
    if asked.is_certain and ruling.method not in {"ranker", "autocomplete"}:
        return Reasons(not_weighed=not_weighed)
    answer = frozenset({ruling.canonical})
    found = Reasons()
    if asked.ranked is not None and ruling.method in {"ranker", "autocomplete"}:
        answer = _answer(asked.ranked, ruling)
        found = _by_ranker(asked, asked.ranked, answer)
    second = next((one for one in asked.candidates if one.canonical not in answer), None)
    others = (one for one in asked.candidates if one.canonical == requested and one != second and requested not in answer)
    found = replace(found, second=second, requested=next(others, None))
    return replace(found, needed=_needed(asked, found, requested))


def _settled(asked: AskedField) -> Reasons:
    """For a decision by people or by an attribute: what the field would be without it."""
    ruling = asked.ruling
    otherwise = asked.without_people() if ruling.method in BY_PEOPLE else asked.changed(autocomplete="")
    second = None
    if otherwise.canonical and otherwise.method != "type":
        second = Candidate(
            canonical=otherwise.canonical, score=round(otherwise.score, DIGITS), threshold_used=round(otherwise.threshold, DIGITS)
        )
    return Reasons(second=second, otherwise=otherwise)


def _by_ranker(asked: AskedField, ranked: RankedRow, answer: frozenset[str]) -> Reasons:
    settings = ranked.ranked.ranker.settings
    owner, certainty = ranked.ranked.owner(ranked.row)
    probability = min(sum(ranked.ranked.probability(ranked.row, canonical) for canonical in answer), 1.0)
    numbers = [settings.classes.index(canonical) for canonical in sorted(answer)]
    if owner != SELF and certainty >= CLEARLY_OWNED and answer == {NOTHING}:
        probability = round(certainty, DIGITS)
        every = effects(ranked.ranked, ranked.row, ranked.mask, lambda _, whose: float(whose[settings.whose.index(owner)]))
    else:
        owner, certainty = "", 0.0
        every = effects(ranked.ranked, ranked.row, ranked.mask, lambda classes, _: float(classes[numbers].sum()))
    texts = texts_of(asked.rows, ranked.row, ranked.found, ranked.shape)
    named = [(one, _effect(one, texts)) for one in every]
    return Reasons(
        spoke_for=tuple(said for one, said in named if one.effect >= MIN_EFFECT)[:SHOWN],
        spoke_against=tuple(said for one, said in named if one.effect <= -MIN_EFFECT)[:SHOWN],
        probability=probability,
        excluded=_excluded(ranked),
        owner=(owner, certainty),
    )


def pooled_with(ruling: Ruling) -> list[str]:
    """The ids whose probabilities are part of the decision's score (`ranker.pooled`)."""
    return [detail.partition("@")[0] for detail in ruling.details("pooled:")]


def _answer(ranked: RankedRow, ruling: Ruling) -> frozenset[str]:
    """The classes whose probability is the decision's score: the likeliest, or the attribute's, and those it was pooled with."""
    classes = ranked.ranked.ranker.settings.classes
    if ruling.method == "autocomplete":
        return frozenset({ruling.canonical} & set(classes))
    return frozenset({next(iter(ranked.probabilities)), *pooled_with(ruling)})


def _effect(one: Effect, texts: Mapping[str, str]) -> ViewEffect:
    return ViewEffect(
        view=", ".join(one.views),
        text=next((texts[view] for view in one.views if view in texts), ""),
        effect=round(one.effect, 2),
        without=round(min(one.without, 1.0), DIGITS),
        alone=round(min(one.alone, 1.0), DIGITS),
        instead=one.instead,
    )


def _excluded(ranked: RankedRow) -> tuple[str, float] | None:
    raw: Floats = ranked.ranked.ranker.predict(ranked.ranked.evidence).probabilities[ranked.row]
    best = int(raw.argmax())
    return None if ranked.mask[best] else (ranked.ranked.ranker.settings.classes[best], round(min(float(raw[best]), 1.0), DIGITS))


def _needed(asked: AskedField, found: Reasons, requested: str) -> Needed | None:
    """What the requested id needs, or else the decision's, or else a likely second's; None if that id is missing or negative."""
    ruling, second = asked.ruling, found.second
    if requested:
        wanted = next((one for one in asked.candidates if one.canonical == requested), None)
    elif ruling.canonical and not is_negative(ruling.canonical):
        wanted = Candidate(canonical=ruling.canonical, score=round(ruling.score, DIGITS), threshold_used=round(ruling.threshold, DIGITS))
    else:
        wanted = second if second is not None and second.score >= LIKELY else None
    if wanted is None or is_negative(wanted.canonical):
        return None
    is_answered = (ruling.outcome, ruling.canonical) == ("accepted", wanted.canonical)
    changes = () if is_answered else tuple(_changes(asked, found, wanted))
    return Needed(canonical=wanted.canonical, score=wanted.score, threshold_used=wanted.threshold_used, changes=changes)


def _changes(asked: AskedField, found: Reasons, wanted: Candidate) -> Iterator[Change]:
    """Changes that would each make the field the wanted id; all have been tried."""
    if wanted.canonical == asked.ruling.canonical:
        for one in found.spoke_against:
            if one.without >= wanted.threshold_used and one.view not in NOT_OF_THE_FIELD:
                yield Change(without=one.view, text=one.text, score=one.without)
    if about(wanted.canonical).token:
        yield from _tried(asked, wanted.canonical, "autocomplete", wanted.canonical)
    synonym = _synonym(asked, wanted.canonical)
    if synonym and len(asked.question.members) == 1:
        yield from _tried(asked, wanted.canonical, "label", synonym)


def _tried(asked: AskedField, wanted: str, key: str, text: str) -> Iterator[Change]:
    ruling = asked.changed(**{key: text})
    if (ruling.outcome, ruling.canonical) == ("accepted", wanted):
        yield Change(set=key, text=text, score=round(ruling.score, DIGITS))


def _synonym(asked: AskedField, canonical: str) -> str:
    """A known text of an id: near the field's text, or else near the id itself read as words; "" if neither has one."""
    version = asked.version
    own, words = asked.view.text, canonical.replace("-", " ")
    for vectors in (version.encoder.encode([own]), version.encoder.encode([words])):
        for neighbour in version.index.search(vectors, NEIGHBOURS)[0]:
            if neighbour.canonical == canonical:
                return neighbour.text
    return ""
