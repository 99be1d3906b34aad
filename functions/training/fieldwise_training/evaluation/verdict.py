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

    If the owner asked for fewer wrong fills than in production, fields left empty don't count as lost; if for more, wrong fills do not
    count.
    """
    emptying = metrics.stricter is not None
    return (
        _accuracy(metrics, min_accuracy),
        *_champion(metrics, emptying),
        *_wrong_fills(metrics),
        *_ancestor(metrics, emptying),
        *_guard(metrics.guard, emptying),
        *_votes(metrics.held_out_votes, emptying),
    )


def _accuracy(metrics: Metrics, min_accuracy: float) -> Check:
    accuracy = metrics.candidate.overall.accuracy or 0.0
    result = f"top-1 accuracy {accuracy:.4f} on {metrics.candidate.overall.fields} fields"
    passed = accuracy >= min_accuracy
    return Check("accuracy", passed, f"{result} {'reaches' if passed else 'is below'} the required {min_accuracy:.4f}")


def _champion(metrics: Metrics, emptying: bool) -> Iterator[Check]:
    compared = metrics.evaluation
    p = _p(compared, emptying)
    if metrics.champion is not None and p is not None:
        champion = f"{metrics.champion.version}, in production"
        result = f"no significant loss against {champion}" if p >= ALPHA else f"significantly worse than {champion}"
        figures = f"{_flips(compared, emptying)}, p = {p:.3g} by McNemar's exact test on whole sites"
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


def _ancestor(metrics: Metrics, emptying: bool) -> Iterator[Check]:
    ancestor = metrics.ancestor
    p = _p(ancestor.compared, emptying) if ancestor is not None else None
    if ancestor is None or p is None:
        return
    alpha = ALPHA / ancestor.of
    named = f"{ancestor.version}, the best of {ancestor.of} earlier versions"
    result = f"no significant loss against {named}" if p >= alpha else f"significantly worse than {named}"
    yield Check("earlier versions", p >= alpha, f"{result} ({_flips(ancestor.compared, emptying)}, p = {p:.3g}, required {alpha:.3g})")


def _guard(guard: Comparison, emptying: bool) -> Iterator[Check]:
    if not guard.fields:
        yield Check("guard set", True, "there is no guard set")
        return
    result = f"guard set: {guard.right} of {guard.fields} fields right"
    if guard.champion_right is None:
        yield Check("guard set", True, result)
        return
    empty = f", {guard.emptied} left empty" if emptying and guard.emptied else ""
    lost = guard.lost - guard.emptied if emptying else guard.lost
    if not lost:
        yield Check("guard set", True, f"{result}{empty}, none lost")
        return
    first = guard.flipped[0]  # a wrongly filled one, or if there is none, an emptied one
    named = f"{first.label!r} of {first.form}, now {first.after} instead of {first.truth}"
    yield Check("guard set", False, f"{result}{empty}, {lost} lost that the version in production has right: {named}")


def _votes(votes: Comparison, emptying: bool) -> Iterator[Check]:
    if not votes.fields:
        yield Check("held-out votes", True, "no agreed field of a held-out site to compare on")
        return
    result = f"held-out votes: {votes.right} of {votes.fields} agreed fields right without their sites' answers"
    p = _p(votes, emptying)
    if votes.champion_right is None or p is None:
        yield Check("held-out votes", True, result)
        return
    passed = p >= ALPHA
    yield Check("held-out votes", passed, f"{result}, {votes.champion_right} in production ({_flips(votes, emptying)}, p = {p:.3g})")


def _p(compared: Comparison, emptying: bool) -> float | None:
    return compared.p_unless_emptied if emptying else compared.p


def _flips(compared: Comparison, emptying: bool) -> str:
    if not emptying:
        return f"of {compared.fields} fields {compared.lost} lost and {compared.won} won"
    return f"of {compared.fields} fields {compared.lost - compared.emptied} lost, {compared.emptied} left empty and {compared.won} won"
