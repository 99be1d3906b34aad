"""Whether a version may go into production, and the reason in words."""

from collections.abc import Iterator
from typing import NamedTuple

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.metrics import percent
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.state import Mode

ALPHA = 0.05
"""A loss against the champion is significant if its p is below this."""


class Check(NamedTuple):
    """One condition of promotion: whether it is met, and the figures it was decided by."""

    name: str
    passed: bool
    reason: str


def judge(metrics: Metrics, mode: Mode, min_accuracy: float) -> Verdict:
    """Promotes a version that passes all `checks`; never a smoke test. The reason has all checks, or those that failed."""
    if mode is Mode.SMOKE_TEST:
        return Verdict(promote=False, reason=mode)  # `make train` knows by this reason that it is no failure
    made = checks(metrics, min_accuracy)
    failed = [check for check in made if not check.passed]
    return Verdict(promote=not failed, reason="; ".join(check.reason for check in failed or made))


def checks(metrics: Metrics, min_accuracy: float) -> tuple[Check, ...]:
    """The conditions of promotion, in the order of the reason.

    The accuracy must be at least `min_accuracy`. Against the champion, if it could be measured: the loss on the evaluation forms must
    not be significant (`p_of_loss`), wrong fills must not be significantly more at a lower precision, no field of the guard set may be
    lost, and on the fields that users agree on at held-out sites the loss must not be significant. Against the best ancestor, the loss
    must not be significant at `ALPHA` divided by the number of ancestors (Bonferroni: the best of many is partly luck).

    If the owner made wrong fills dearer than in production (`wrong_cost`), fields that are held back don't count as lost against the
    champion; earlier versions are those made for the same price, so there they count. If cheaper, more wrong fills are accepted.
    """
    is_held = metrics.stricter is not None
    return (
        _accuracy(metrics, min_accuracy),
        *_champion(metrics, is_held),
        *_wrong_fills(metrics),
        *_ancestor(metrics),
        *_guard(metrics.guard, is_held),
        *_votes(metrics.held_out_votes, is_held),
    )


def _accuracy(metrics: Metrics, min_accuracy: float) -> Check:
    accuracy = metrics.candidate.overall.accuracy or 0.0
    result = f"top-1 accuracy {accuracy:.4f} on {metrics.candidate.overall.fields} fields"
    passed = accuracy >= min_accuracy
    return Check("accuracy", passed, f"{result} {'reaches' if passed else 'is below'} the required {min_accuracy:.4f}")


def _champion(metrics: Metrics, is_held: bool) -> Iterator[Check]:
    compared = metrics.evaluation
    p = _p(compared, is_held)
    if metrics.champion is not None and p is not None:
        champion = f"{metrics.champion.version}, in production"
        result = f"no significant loss against {champion}" if p >= ALPHA else f"significantly worse than {champion}"
        figures = f"{_flips(compared, is_held)}, p = {p:.3g} by McNemar's exact test on whole sites"
        yield Check("champion", p >= ALPHA, f"{result} ({figures})")
    elif metrics.champion_problem:
        yield Check("champion", True, f"the version in production could not be measured ({metrics.champion_problem})")


def _wrong_fills(metrics: Metrics) -> Iterator[Check]:
    compared, champion = metrics.evaluation, metrics.champion
    if champion is None or compared.p_of_wrong_fills is None:
        return
    now, before = metrics.candidate.overall.precision, champion.overall.precision
    is_lower = (now or 0.0) < (before or 0.0)
    is_significant = compared.p_of_wrong_fills < ALPHA
    counts = f"{compared.wrong_fills} wrong fills, {compared.champion_wrong_fills} in production, p = {compared.p_of_wrong_fills:.3g}"
    figures = f"precision {percent(now)}, {percent(before)} in production ({counts})"
    if is_lower and is_significant and metrics.looser is not None:
        yield Check("precision", True, f"{figures}; allowed, because {metrics.looser}")
    elif is_lower and is_significant:
        yield Check("precision", False, f"significantly more wrong fills: {figures}")
    else:
        yield Check("precision", True, figures)


def _ancestor(metrics: Metrics) -> Iterator[Check]:
    ancestor = metrics.ancestor
    if ancestor is None or ancestor.compared.p is None:
        return
    p = ancestor.compared.p
    alpha = ALPHA / ancestor.of
    named = f"{ancestor.version}, {f'the best of {ancestor.of} earlier versions' if ancestor.of > 1 else 'an earlier version'}"
    result = f"no significant loss against {named}" if p >= alpha else f"significantly worse than {named}"
    yield Check("earlier versions", p >= alpha, f"{result} ({_flips(ancestor.compared, is_held=False)}, p = {p:.3g}, required {alpha:.3g})")


def _guard(guard: Comparison, is_held: bool) -> Iterator[Check]:
    if not guard.fields:
        yield Check("guard set", True, "there is no guard set")
        return
    result = f"guard set: {guard.right} of {guard.fields} fields right"
    if guard.champion_right is None:
        yield Check("guard set", True, result)
        return
    held_back = f", {guard.held_back} held back" if is_held and guard.held_back else ""
    lost = guard.lost - guard.held_back if is_held else guard.lost
    if not lost:
        yield Check("guard set", True, f"{result}{held_back}, none lost")
        return
    first = guard.flipped[0]  # those held back come last
    named = f"{first.label!r} of {first.form}, now {first.after} instead of {first.truth}"
    yield Check("guard set", False, f"{result}{held_back}, {lost} lost that the version in production has right: {named}")


def _votes(votes: Comparison, is_held: bool) -> Iterator[Check]:
    if not votes.fields:
        yield Check("held-out votes", True, "no agreed field of a held-out site to compare on")
        return
    result = f"held-out votes: {votes.right} of {votes.fields} agreed fields right without their sites' answers"
    p = _p(votes, is_held)
    if votes.champion_right is None or p is None:
        yield Check("held-out votes", True, result)
        return
    passed = p >= ALPHA
    yield Check("held-out votes", passed, f"{result}, {votes.champion_right} in production ({_flips(votes, is_held)}, p = {p:.3g})")


def _p(compared: Comparison, is_held: bool) -> float | None:
    return compared.p_unless_held_back if is_held else compared.p


def _flips(compared: Comparison, is_held: bool) -> str:
    if not is_held:
        return f"of {compared.fields} fields {compared.lost} lost and {compared.won} won"
    return f"of {compared.fields} fields {compared.lost - compared.held_back} lost, {compared.held_back} held back and {compared.won} won"
