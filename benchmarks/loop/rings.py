"""The three rings of learning, measured through the API of a running stack: for a user, for strangers, for other sites."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.loop.people import Answers, Correction, People, SiteForm, corrections_of
from pydantic import BaseModel

from fieldwise_common.canonical import NOTHING

SEED = 20261129
SITES = 120
"""Sites on which every mistake is corrected; the other sites are only measured."""
USERS_PER_SITE = 3
LIES = 0.05
"""Share of the corrections that name another id than the truth."""
COLLUDERS = 10
CONFIRMING = 12
"""Users who confirm the right answers of a site that the colluders attack; more than the colluders."""

OnStep = Callable[[str], None]


Share = tuple[int, int]
"""How many, and of how many."""


@dataclass(slots=True)
class Seen:
    """What strangers were answered, before and after the training, by form."""

    before: dict[int, Answers] = field(default_factory=dict)
    after: dict[int, Answers] = field(default_factory=dict)


class Rings(BaseModel):
    """All that was measured."""

    users: int = 0
    corrections: int = 0
    own_before: Share = (0, 0)
    own_after: Share = (0, 0)
    stranger_meanwhile: Share = (0, 0)
    agreed_before: Share = (0, 0)
    agreed_after: Share = (0, 0)
    lone_lies: Share = (0, 0)
    other_sites_changed: Share = (0, 0)
    confirmed_changed: Share = (0, 0)
    liars_corrections: int = 0
    training_seconds: float = 0.0
    promoted: bool = False
    outcome: Mapping[str, Any] = {}


def simulate(
    people: People,
    forms: Sequence[SiteForm],
    ids: Sequence[str],
    lies_of_one: int,
    train: Callable[[], Mapping[str, object]],
    on_step: OnStep,
) -> Rings:
    """Runs the whole simulation. `train` runs build-index-feedback to its end, until the version answers, and returns its outcome."""
    rng = random.Random(SEED)  # noqa: S311 a simulation
    origins = sorted({form.origin for form in forms})
    rng.shuffle(origins)
    corrected_sites, attacked, taken_over = set(origins[:SITES]), origins[SITES], origins[SITES + 1]
    here = [form for form in forms if form.origin in corrected_sites]
    elsewhere = [form for form in forms if form.origin not in corrected_sites]
    rings, seen = Rings(), Seen()

    on_step("strangers ask before anything is corrected")
    seen.before = {id(form): people.ask("stranger", form) for form in forms}
    on_step(f"users correct every mistake on {SITES} sites")
    said = _correct_everything(people, here, rng, ids, rings)
    on_step("strangers ask on the corrected sites, before the training")
    meanwhile = {id(form): people.ask("another-stranger", form) for form in here}
    changed = sum(meanwhile[key] != seen.before[key] for key in meanwhile)
    rings.stranger_meanwhile = (changed, len(meanwhile))
    on_step(f"one liar sends {lies_of_one} false corrections")
    rings.liars_corrections = _lie(people, [f for f in elsewhere if f.origin not in {attacked, taken_over}], rng, ids, lies_of_one)
    on_step(f"{COLLUDERS} users collude on two sites")
    _collude(people, [f for f in elsewhere if f.origin == attacked], [f for f in elsewhere if f.origin == taken_over], seen.before, ids)

    on_step("training: build-index-feedback")
    start = time.perf_counter()
    outcome = train()
    rings.training_seconds = time.perf_counter() - start
    rings.promoted, rings.outcome = bool(outcome.get("promoted")), outcome

    on_step("strangers ask again")
    seen.after = {id(form): people.ask("stranger", form) for form in forms}
    _compare(rings, seen, said, elsewhere, attacked, taken_over)
    return rings


def _correct_everything(
    people: People, forms: Sequence[SiteForm], rng: random.Random, ids: Sequence[str], rings: Rings
) -> list[Correction]:
    """Three users a site ask, correct every mistake, and ask again."""
    said: list[Correction] = []
    right_before = right = 0
    for number, form in enumerate(forms):
        for user in (f"user-{(number + k) % (USERS_PER_SITE * 10)}" for k in range(USERS_PER_SITE)):
            answers = people.ask(user, form)
            own = corrections_of(user, form, answers, rng, LIES, ids)
            for one in own:
                people.correct(one, answers[one.position])
            again = people.ask(user, form) if own else answers
            right_before += sum(answers[one.position] == one.said for one in own)
            right += sum(again[one.position] == one.said for one in own)
            said += own
    rings.corrections, rings.users = len(said), len({one.user for one in said})
    rings.own_before, rings.own_after = (right_before, len(said)), (right, len(said))
    return said


def _lie(people: People, forms: Sequence[SiteForm], rng: random.Random, ids: Sequence[str], many: int) -> int:
    """One user contradicts right answers on every other site, again and again."""
    sent = 0
    while sent < many:
        for form in forms:
            answers = people.ask("liar", form)
            for position, answer in enumerate(answers):
                if sent == many:
                    return sent
                people.correct(Correction("liar", form, position, rng.choice([i for i in ids if i != answer])), answer)
                sent += 1
    return sent


def _collude(
    people: People, confirmed: Sequence[SiteForm], free: Sequence[SiteForm], before: Mapping[int, Answers], ids: Sequence[str]
) -> None:
    """On one site more users confirm the answers than attack them; on the other, only the attackers give feedback."""
    for form in confirmed:
        for user in (f"honest-{k}" for k in range(CONFIRMING)):
            answers = people.ask(user, form)
            for position, answer in enumerate(answers):
                if answer != NOTHING:
                    people.confirm(user, form, position, answer)
    for form in (*confirmed, *free):
        for user in (f"colluder-{k}" for k in range(COLLUDERS)):
            answers = people.ask(user, form)
            for position, answer in enumerate(answers):
                if before[id(form)][position] != NOTHING:
                    people.correct(Correction(user, form, position, _other(ids, answer, position)), answer)


def _other(ids: Sequence[str], answer: str, position: int) -> str:
    others = [canonical for canonical in ids if canonical != answer]
    return others[position % len(others)]


def _compare(rings: Rings, seen: Seen, said: Sequence[Correction], elsewhere: Sequence[SiteForm], attacked: str, taken_over: str) -> None:
    by_field: dict[tuple[int, int], list[Correction]] = defaultdict(list)
    for one in said:
        by_field[id(one.form), one.position].append(one)
    agreed = {key: own for key, own in by_field.items() if len(own) == USERS_PER_SITE and len({one.said for one in own}) == 1}
    truth = {key: own[0].said for key, own in agreed.items()}
    rings.agreed_before = (sum(seen.before[form][i] == truth[form, i] for form, i in truth), len(truth))
    rings.agreed_after = (sum(seen.after[form][i] == truth[form, i] for form, i in truth), len(truth))
    lies = [
        (key, one.said) for key, own in by_field.items() for one in own if not one.is_true and sum(o.said == one.said for o in own) == 1
    ]
    rings.lone_lies = (sum(seen.after[form][i] == lie for (form, i), lie in lies), len(lies))
    for form in elsewhere:
        pairs = list(zip(seen.before[id(form)], seen.after[id(form)], strict=True))
        changed = sum(a != b for a, b in pairs)
        if form.origin == attacked:
            confirmed = [(a, b) for a, b in pairs if a != NOTHING]
            rings.confirmed_changed = _plus(rings.confirmed_changed, sum(a != b for a, b in confirmed), len(confirmed))
        elif form.origin != taken_over:
            rings.other_sites_changed = _plus(rings.other_sites_changed, changed, len(pairs))


def _plus(share: tuple[int, int], hits: int, of: int) -> tuple[int, int]:
    return share[0] + hits, share[1] + of
