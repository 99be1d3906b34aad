"""What a yes-or-no question or a statement claims about the user, and whether it is true by their profile: yes, no, or not known.

A text is read in clauses. Each mentions a fact ("authorized", "sponsorship"), negated or not; a text that mentions none is about
its own id. Whatever can't be read with certainty is not known: an empty field costs little, a wrong statement costs its user a lot.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fieldwise_common.countries import country_code
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill.choices.words import truth_of, yes_or_no
from fieldwise_inference.fill.questions import words
from fieldwise_inference.fill.questions.ages import is_of_age
from fieldwise_inference.fill.questions.places import is_home, named_countries
from fieldwise_inference.fill.questions.words import AGE, AUTHORIZATION, FACTS, SPONSORSHIP, UNKNOWN

_PIECES = re.compile(r"[,;:()\[\]!?。、，；：（）！？؟]|\.(?=\s|$)|\s[-–—]\s")
_ASKS = re.compile(r"[?？؟]|か[。\s]*$|까[.\s]*$")
_PLUS = re.compile(r"(\d\d) ?\+")
_ABBREVIATION = re.compile(r"\bU\.\s?S\.(?:\s?A\.)?")
LAWFUL = frozenset({AUTHORIZATION, SPONSORSHIP, "drivers-license", "security-clearance"})
"""Facts that hold in one country, which is taken to be the profile's."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact that a text mentions. `is_negated` is None if that can't be told."""

    fact: str
    is_negated: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text claims. No claims: nothing but the question itself, in the usual way."""

    claims: tuple[Claim, ...] = ()
    is_question: bool = False
    is_alternative: bool = False
    is_combined: bool = False
    """Whether all claims together are meant ("authorized without sponsorship"), rather than one question in two parts."""
    countries: frozenset[str] = frozenset()


def truth(canonical: str, text: str, profile: Mapping[str, str]) -> bool | None:
    """Whether what `text` says or asks is true for the profile; None if that is not known or the text can't be read."""
    reading = read(canonical, text)
    if not _is_at_home(reading, canonical, profile):
        return None
    if not reading.claims:
        return truth_of(canonical, profile)
    truths = [_truth_of_claim(claim, text, profile) for claim in reading.claims]
    if len(set(truths)) == 1:
        return truths[0]
    if reading.is_alternative or not reading.is_combined:
        return None
    return False if False in truths else None


def is_plain(canonical: str, text: str, profile: Mapping[str, str]) -> bool:
    """Whether a text asks just for the profile's value of `canonical`."""
    reading = read(canonical, text)
    own = all(claim.fact == canonical and claim.is_negated is False and canonical != AGE for claim in reading.claims)
    return own and _is_at_home(reading, canonical, profile)


def _is_at_home(reading: Reading, canonical: str, profile: Mapping[str, str]) -> bool:
    """Whether a question about the law means the law of the profile's country, as far as both are known."""
    home = country_code(profile.get("country", "").strip())
    facts = {claim.fact for claim in reading.claims} or {canonical}
    return home is None or facts.isdisjoint(LAWFUL) or is_home(home, reading.countries)


def _truth_of_claim(claim: Claim, text: str, profile: Mapping[str, str]) -> bool | None:
    known = is_of_age(_normalised(text), profile) if claim.fact == AGE else truth_of(claim.fact, profile)
    return None if known is None or claim.is_negated is None else known != claim.is_negated


@lru_cache(maxsize=4096)
def read(canonical: str, text: str) -> Reading:
    """The claims of a text about the question `canonical`. Texts are a page's, never the user's, so they may be cached."""
    plain = words.HARMLESS.sub(" ", _normalised(text))
    if not plain.strip() or yes_or_no(plain) is not None:
        return Reading()
    is_question = bool(_ASKS.search(text) or words.BEGINS_A_QUESTION.match(plain))
    clauses = _clauses(text)
    claims = _merged(
        [claim for number, clause in enumerate(clauses) for claim in _claims(canonical, clause, is_question and not number, not number)]
    )
    if (
        len(claims) > 1 and claims[0].fact == SPONSORSHIP and words.NEED.search(claims[0].text)
    ):  # "… in order to extend or renew your authorization"
        claims = tuple(claim for claim in claims if claim.fact != AUTHORIZATION or words.HAS_SUBJECT.search(claim.text))
    facts = {claim.fact for claim in claims}
    is_pair = facts == {AUTHORIZATION, SPONSORSHIP}
    is_narrowed = any(claim.fact == SPONSORSHIP and (claim.is_negated or words.ONLY_IF.search(claim.text)) for claim in claims)
    return Reading(
        claims=claims,
        is_question=is_question,
        is_alternative=len(facts) > 1 and bool(words.ALTERNATIVE.search(plain)),
        is_combined=not is_question or (is_pair and is_narrowed),
        countries=named_countries(text) if facts & LAWFUL or canonical in LAWFUL else frozenset(),
    )


def _clauses(text: str) -> list[str]:
    """The clauses of a text, normalised; one that adds no fact is part of the one before it, or else of the next."""
    pieces = [words.HARMLESS.sub(" ", _normalised(piece)) for piece in _PIECES.split(_ABBREVIATION.sub("US", text))]
    clauses: list[str] = []
    facts: set[str] = set()
    waiting = ""
    for link, part in (linked for piece in pieces if yes_or_no(piece) is None for linked in _linked(piece)):
        own = _mentioned(part)
        is_new = bool(own) and (own != facts or bool(_negations(part)))
        is_repeated = bool(clauses and _negations(part) and _negations(clauses[-1]))  # "no disability, and have not had one"
        if is_new:
            clauses.append(f"{waiting} {part}".strip())
            facts, waiting = own, ""
        elif not clauses:
            waiting = f"{waiting} {part}".strip()
        elif words.ADDITION.fullmatch(link) and len(part.split()) > 1 and not own and not is_repeated:
            clauses.append(part)
            facts = {UNKNOWN}
        elif not is_repeated:
            clauses[-1] += f" {part}"
    return clauses or ([waiting] if waiting else [])


def _normalised(text: str) -> str:
    """A text normalised, with the one sign that means something: `18+`."""
    return normalise(_PLUS.sub(r"\1 or older", text))


def _linked(piece: str) -> list[tuple[str, str]]:
    """The parts of a piece between commas, each with the word that links it to the one before it."""
    parts = ["", *words.LINK.split(piece)]
    return [(link, part.strip()) for link, part in zip(parts[::2], parts[1::2], strict=True) if part.strip()]


def _mentioned(clause: str) -> set[str]:
    return {fact for fact, pattern in FACTS.items() if pattern.search(clause)}


def _claims(canonical: str, clause: str, is_question: bool, is_first: bool) -> Sequence[Claim]:
    """The facts of one clause. Two of them are "authorized without sponsorship", "sponsorship in order to work", or two questions."""
    if not is_first and not _mentioned(clause):
        return [Claim(UNKNOWN, None, clause)]
    facts = _facts(canonical, clause)
    if UNKNOWN in facts:  # what is said of something unknown is not known, whatever else the clause mentions
        return [Claim(UNKNOWN, None, clause)]
    negated = _is_negated(clause, is_question)
    if AUTHORIZATION in facts and SPONSORSHIP in facts:
        return [
            *_authorization_and_sponsorship(clause, is_question),
            *(Claim(fact, None, clause) for fact in facts - {AUTHORIZATION, SPONSORSHIP}),
        ]
    if len(facts) > 1:
        return [Claim(fact, negated if negated is not True else None, clause) for fact in sorted(facts)]
    fact = next(iter(facts), canonical)
    if fact == AUTHORIZATION != canonical and words.OFFICE.search(clause):  # "able to work on-site" asks for no permit
        return [Claim(UNKNOWN, None, clause)]
    if not facts and negated is False and canonical not in {AGE, "remote-preference"} and not words.TURNING.search(clause):
        return []
    if words.WITHOUT.search(clause) and fact == SPONSORSHIP and (words.SPONSOR.search(clause) or words.NEED.search(clause)):
        return [Claim(SPONSORSHIP, True if _negations(clause) == 1 else None, clause)]
    if words.WITHOUT.search(clause):  # "willing to relocate without assistance": what is left out is another question
        return [Claim(UNKNOWN, None, clause)]
    claims = [Claim(_narrowed(fact, clause), negated, clause)]
    if fact == AUTHORIZATION and words.ANY_EMPLOYER.search(clause):
        claims.append(Claim(SPONSORSHIP, not negated if negated is not None else None, clause))
    return claims


def _facts(canonical: str, clause: str) -> set[str]:
    facts = _mentioned(clause)
    if canonical not in facts and AGE in facts and canonical != AGE and not re.search(r"\d\d", clause):
        facts.discard(AGE)
    return facts


def _narrowed(fact: str, clause: str) -> str:
    """The fact, or `UNKNOWN` where the clause asks something near it: whether a permit is needed, a visa held, a move refused."""
    needs = bool(words.NEED.search(clause))
    is_english_question = bool(words.BEGINS_A_QUESTION.match(clause))
    is_near = (
        (fact == AUTHORIZATION and needs)
        or (fact in {"drivers-license", "remote-preference"} and needs and is_english_question and not words.HAVE.search(clause))
        or (fact == SPONSORSHIP and not needs and is_english_question)
        or (fact == SPONSORSHIP and not needs and not words.SPONSOR.search(clause) and bool(words.HAVE.search(clause)))
        or (fact == "remote-preference" and bool(words.OFFICE.search(clause)))
        or bool(words.TURNING.search(clause))
    )
    return UNKNOWN if is_near else fact


def _authorization_and_sponsorship(clause: str, is_question: bool) -> Sequence[Claim]:
    right, help_ = FACTS[AUTHORIZATION].search(clause), FACTS[SPONSORSHIP].search(clause)
    needs = words.NEED.search(clause)
    if right is None or help_ is None:
        return []
    is_purpose = (help_.start() < right.start() and bool(words.PURPOSE.search(clause))) or (
        needs is not None and needs.start() < right.start()
    )
    if is_purpose:
        return [Claim(SPONSORSHIP, _is_negated(clause, is_question), clause)]
    rest = clause[right.start() :]
    is_certain = words.SPONSOR.search(clause) or needs
    refused = _negations(rest)
    before = _is_negated(clause[: right.start()], is_question=False)
    help_is_refused = None if refused > 1 or not is_certain else refused == 1
    return [Claim(AUTHORIZATION, None if before else before, clause), Claim(SPONSORSHIP if is_certain else UNKNOWN, help_is_refused, rest)]


def _is_negated(clause: str, is_question: bool) -> bool | None:
    """Whether a clause is negated; None for two negations, and for a negative question, to which "yes" may mean either."""
    count = _negations(clause)
    if count > 1:
        return None
    if count == 1 and is_question and not words.NEGATION_IN_A_WORD.search(clause):
        return None
    return count == 1


def _negations(clause: str) -> int:
    plain = words.FRENCH_NEGATION.sub(r"pas \g<between>", clause)
    first = len(words.NEGATION.findall(plain))
    return (first or bool(words.ALSO_NEGATION.search(plain))) + len(words.NEGATION_IN_A_WORD.findall(plain))


def _merged(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """One claim per fact; one that is both affirmed and negated can't be told."""
    found: dict[str, Claim] = {}
    for claim in claims:
        earlier = found.setdefault(claim.fact, claim)
        if earlier.is_negated != claim.is_negated:
            found[claim.fact] = Claim(claim.fact, None, claim.text)
        elif earlier is not claim:
            found[claim.fact] = Claim(claim.fact, claim.is_negated, f"{earlier.text} {claim.text}")
    return tuple(found.values())
