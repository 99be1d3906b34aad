"""Lessons from the forms that people gave feedback on: which fields are learned from, as what, and how much each counts.

A field of a site counts once, however many forms, pages and users it has: its users' last words are summed up to one target. Its
weight grows with the users who agree, and shrinks with those who don't. Limits hold for a user, a site and all lessons together, so
that the authored forms always outweigh them. Users who contradict what is known beyond doubt don't count at all.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.autocomplete import by_autocomplete
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.questions import questions
from fieldwise_inference.classify.ranker.owners import SELF
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.feedback.judged import JudgedField
from fieldwise_training.feedback.rebuild import RebuiltForm, by_form, rebuilt
from fieldwise_training.feedback.rows import word
from fieldwise_training.feedback.votes import Vote, by_field
from fieldwise_training.ranker.lesson import Lesson, Target
from fieldwise_training.ranker.targets import Resolved, resolve
from fieldwise_training.state import LearningFacts

MAX_WEIGHT_PER_SITE = 100.0
"""All fields of one site together: fifty with one user each."""
USER_SHARE = 1 / 12
"""Of the weight of all authored fields: what one user's fields may weigh together."""
TOTAL_SHARE = 1.0
"""The same for all users together: the authored forms are at least half of what a ranker learns from."""
MAX_FIELDS = 16_000
"""Fields of all forms that are trained on, context included: fewer than the authored forms have, so that a training takes at most half
as long again. Every site comes with one form before any comes with two."""
MAX_CONTRADICTED = 0.5
"""A user who contradicts this share of what is known of the fields in their forms, or more, is not learned from."""
MIN_CONTRADICTIONS = 5
"""Fewer say nothing about a user."""

HELD_OUT, OVER_LIMIT, UNREADABLE = "site held out for the gate", "more forms than a training may have", "no usable description"

FieldKey = tuple[str, str]
"""Site and signature; for a field without one, of earlier releases: "" or site, and the place in its request."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What a ranker learns from feedback. `facts`: the same in figures, without `warm_start`."""

    lessons: tuple[Lesson, ...] = ()
    facts: LearningFacts = field(default_factory=LearningFacts)


@dataclass(slots=True)
class _Field:
    """A field of a site, wherever it occurs, with its users' words."""

    view: FieldView
    """Of its question: the field itself, or the radios or boxes that it is one of."""
    answer: SiteAnswer | None
    votes: list[Vote]
    is_judged: bool


def learn(
    judged: Iterable[JudgedField],
    votes: Iterable[Vote],
    sites: SiteAnswers,
    lexicon: Lexicon,
    classes: Iterable[str],
    authored_fields: int,
    learned_until: str = "",
) -> Learning:
    """The lessons in a version's feedback.

    `lexicon`: of the authored synonyms. `classes`: the ids that a ranker can predict, with `none`. `authored_fields`: that the ranker
    is trained on besides. `learned_until`: ISO time of the newest word that the parent's ranker learned from.
    """
    left_out: Counter[str] = Counter()
    shown: dict[str, set[FieldKey]] = defaultdict(set)
    forms = _distinct(judged, shown, left_out)
    fields = _fields(forms, votes, sites)
    unreliable = _unreliable(fields, shown, lexicon)
    usable = frozenset(classes)
    resolved: dict[FieldKey, Resolved] = {}
    for key, one in fields.items():
        if not one.is_judged:
            continue
        found = resolve(one.view, one.answer, one.votes, unreliable, usable)
        if isinstance(found, str):
            left_out[found] += 1
        else:
            resolved[key] = found
    chosen = _within_limit(forms, resolved)
    occurrences = Counter(key for form in chosen for key in set(_keys(form)))
    left_out[OVER_LIMIT] += len(resolved) - len(resolved := {key: one for key, one in resolved.items() if occurrences[key]})
    weights = _limited(resolved, authored_fields)
    lessons = tuple(_lesson(form, resolved, weights, occurrences) for form in chosen)
    facts = LearningFacts(
        forms=len(lessons),
        sites=len({site for site, _ in resolved}),
        users=len({user for one in resolved.values() for user in one.supporters}),
        fields=len(resolved),
        rejected=sum(one.target.is_rejected for one in resolved.values()),
        new_fields=sum(one.at > learned_until for one in resolved.values()),
        weight=round(sum(weights.values()), 1),
        until=max((one.at for one in resolved.values()), default=""),
        sha256=hashlib.sha256(repr(lessons).encode()).hexdigest() if lessons else "",
        left_out=dict(sorted((+left_out).items())),
    )
    return Learning(lessons, facts)


def _distinct(judged: Iterable[JudgedField], shown: Mapping[str, set[FieldKey]], left_out: Counter[str]) -> list[RebuiltForm]:
    """The forms of sites that are not held out. Of a site's forms with the same fields, the one with the newest feedback stands for all.

    `shown` gets, by user, the fields of the forms that they gave feedback on.
    """
    newest: dict[tuple[FieldKey, ...], list[JudgedField]] = {}
    held_out: set[FieldKey] = set()
    for rows in by_form(judged):
        if rows[0].site and is_held_out(rows[0].site):
            held_out.update(_key(row) for row in rows if row.verdict)
            continue
        keys = tuple(map(_key, rows))
        shown[rows[0].user].update(keys)
        if keys not in newest or _at(newest[keys]) < _at(rows):
            newest[keys] = rows
    left_out[HELD_OUT] += len(held_out)
    forms = [(rows, rebuilt(rows)) for _, rows in sorted(newest.items())]
    for rows, form in forms:
        left_out[UNREADABLE] += sum(bool(row.verdict) for row in rows) - sum(bool(row.verdict) for row in form.rows)
    return [form for _, form in forms if form.rows]


def _fields(forms: Iterable[RebuiltForm], votes: Iterable[Vote], sites: SiteAnswers) -> dict[FieldKey, _Field]:
    """The fields of the forms, with all words about them: the votes, or for a field that can't have any the verdict itself."""
    voted = by_field(votes)
    fields: dict[FieldKey, _Field] = {}
    for form in forms:
        for row, view in zip(form.rows, _asked(form), strict=True):
            key = _key(row)
            if key not in fields:
                fields[key] = _Field(view, sites.of(row.site).get(row.signature), voted.get(key, []), key in voted)
            if row.verdict:
                fields[key].is_judged = True
                if not (row.site and row.signature):
                    said = word(row.verdict, row.about, row.corrected_to)
                    fields[key].votes = [*fields[key].votes, Vote(*key, row.user, *said, at=row.at)]
    return fields


def _asked(form: RebuiltForm) -> list[FieldView]:
    """For each field of a form, the question that it belongs to; the field itself if it is in none."""
    views = [FieldView(field) for field in form.fields]
    of_member = {member: question.view for question in questions(views) for member in question.members}
    return [of_member.get(position, view) for position, view in enumerate(views)]


def _unreliable(fields: Mapping[FieldKey, _Field], shown: Mapping[str, set[FieldKey]], lexicon: Lexicon) -> frozenset[str]:
    """The users who contradict too much of what is known of the fields in their forms (`shown`), whether they judged each or not.

    Labels are wrong about one field in six (one "Name" is a pet's), so that honest users contradict some, too; who makes up answers
    contradicts nearly all. Fields without feedback count as well, as many users only correct what is wrong; and so do fields that a
    user voted on in a form that the version no longer has, or has from another user.
    """
    known = {key: answer for key, one in fields.items() if (answer := _known(one, lexicon))}
    contradicted: Counter[str] = Counter()
    judged: dict[str, set[FieldKey]] = defaultdict(set)
    for key, answer in known.items():
        for vote in fields[key].votes:
            judged[vote.user].add(key)
            contradicted[vote.user] += vote.canonical != answer if vote.canonical else vote.rejected == answer
    return frozenset(
        user
        for user, times in contradicted.items()
        if times >= MIN_CONTRADICTIONS and times >= MAX_CONTRADICTED * len(judged[user] | (known.keys() & shown.get(user, set())))
    )


def _known(one: _Field, lexicon: Lexicon) -> str:
    """What is known of a field without this user; "" if nothing."""
    if one.answer is not None and one.answer.canonical:
        found: str | None = one.answer.canonical
    else:
        [ruling] = by_autocomplete([one.view], lexicon)
        found = ruling.canonical if ruling is not None else lexicon.lookup(one.view.label)
    return NOTHING if found and is_negative(found) else found or ""


def _within_limit(forms: Iterable[RebuiltForm], resolved: Mapping[FieldKey, Resolved]) -> list[RebuiltForm]:
    """The forms with something to learn, at most `MAX_FIELDS` fields: site by site, then each site's second form, and so on.

    In each of these rounds users take turns, so that the forms of one user, on however many sites, don't crowd out those of others.
    """
    by_site: dict[str, list[RebuiltForm]] = defaultdict(list)
    for form in forms:
        if any(key in resolved for key in _keys(form)):
            by_site[form.rows[0].site].append(form)
    rounds = sorted((number, _hash(form)) for own in by_site.values() for number, form in enumerate(sorted(own, key=_hash)))
    by_hash = {_hash(form): form for own in by_site.values() for form in own}
    of_user: Counter[tuple[int, str]] = Counter()
    turns = []
    for number, name in rounds:
        user = by_hash[name].rows[0].user
        turns.append((number, of_user[number, user], name))
        of_user[number, user] += 1
    chosen = set()
    fields = 0
    for _, _, name in sorted(turns):
        if fields + len(by_hash[name].rows) <= MAX_FIELDS:
            fields += len(by_hash[name].rows)
            chosen.add(name)
    return [by_hash[name] for _, name in rounds if name in chosen]


def _limited(resolved: Mapping[FieldKey, Resolved], authored_fields: int) -> dict[FieldKey, float]:
    """The weight of each field, within the limits of its users, of its site, and of all together."""
    of_user: Counter[str] = Counter()
    for one in resolved.values():
        for user in one.supporters:
            of_user[user] += one.target.weight / len(one.supporters)  # type: ignore[assignment]
    scale = {user: min(1.0, USER_SHARE * authored_fields / weight) for user, weight in of_user.items()}
    weights = {
        key: one.target.weight * sum(scale[user] for user in sorted(one.supporters)) / len(one.supporters) for key, one in resolved.items()
    }
    of_site: Counter[str] = Counter()
    for (site, _), weight in weights.items():
        of_site[site] += weight  # type: ignore[assignment]
    weights = {key: weight * min(1.0, MAX_WEIGHT_PER_SITE / of_site[key[0]]) if key[0] else weight for key, weight in weights.items()}
    share = min(1.0, TOTAL_SHARE * authored_fields / total) if (total := sum(weights.values())) else 1.0
    return {key: weight * share for key, weight in weights.items()}


def _lesson(
    form: RebuiltForm, resolved: Mapping[FieldKey, Resolved], weights: Mapping[FieldKey, float], occurrences: Mapping[FieldKey, int]
) -> Lesson:
    """A form, its known fields with their part of the weight, which all forms with the same field share."""

    def target(key: FieldKey) -> Target:
        if key not in resolved:
            return Target()
        known = resolved[key].target
        is_of_user = known.canonical != NOTHING and not known.is_rejected
        return Target(known.canonical, round(weights[key] / occurrences[key], 6), known.is_rejected, SELF if is_of_user else None)

    return Lesson(form.fields, tuple(map(target, _keys(form))))


def _key(row: JudgedField) -> FieldKey:
    return row.site, row.signature if row.site and row.signature else f"{row.request_id}/{row.position}"


def _keys(form: RebuiltForm) -> Iterator[FieldKey]:
    return map(_key, form.rows)


def _at(rows: Iterable[JudgedField]) -> str:
    return max(row.at for row in rows)


def _hash(form: RebuiltForm) -> str:
    return hashlib.sha256("\n".join(f"{site} {signature}" for site, signature in _keys(form)).encode()).hexdigest()
