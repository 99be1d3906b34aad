"""Whether a version may go into production, and the reason in words."""

from collections.abc import Iterator
from typing import NamedTuple

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.evaluation.comparison import Comparison
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

    The accuracy must be at least `min_accuracy`. Against the champion, if it could be measured, the loss on the evaluation forms
    must not be significant (`p_of_loss`), no field of the guard set may be lost, and of the fields that users agree on at held-out
    sites no fewer may be right.
    """
    return (_accuracy(metrics, min_accuracy), *_champion(metrics), *_guard(metrics.guard), *_votes(metrics.held_out_votes))


def _accuracy(metrics: Metrics, min_accuracy: float) -> Check:
    accuracy = metrics.candidate.overall.accuracy or 0.0
    result = f"top-1 accuracy {accuracy:.4f} on {metrics.candidate.overall.fields} fields"
    passed = accuracy >= min_accuracy
    return Check("accuracy", passed, f"{result} {'reaches' if passed else 'is below'} the required {min_accuracy:.4f}")


def _champion(metrics: Metrics) -> Iterator[Check]:
    compared = metrics.evaluation
    if metrics.champion is not None and compared.p is not None:
        passed = compared.p >= ALPHA
        champion = f"{metrics.champion.version}, in production"
        result = f"no significant loss against {champion}" if passed else f"significantly worse than {champion}"
        yield Check("champion", passed, f"{result} ({_flips(compared)}, p = {compared.p:.3g} by McNemar's exact test on whole forms)")
    elif metrics.champion_problem:
        yield Check("champion", True, f"the version in production could not be measured ({metrics.champion_problem})")


def _guard(guard: Comparison) -> Iterator[Check]:
    if not guard.fields:
        yield Check("guard set", True, "there is no guard set")
        return
    result = f"guard set: {guard.right} of {guard.fields} fields right"
    if guard.champion_right is None:
        yield Check("guard set", True, result)
        return
    if not guard.lost:
        yield Check("guard set", True, f"{result}, none lost")
        return
    first = guard.flipped[0]  # lost ones come first
    named = f"{first.label!r} of {first.form}, now {first.after} instead of {first.truth}"
    yield Check("guard set", False, f"{result}, {guard.lost} lost that the version in production has right: {named}")


def _votes(votes: Comparison) -> Iterator[Check]:
    if not votes.fields:
        yield Check("held-out votes", True, "no agreed field of a held-out site to compare on")
        return
    result = f"held-out votes: {votes.right} of {votes.fields} agreed fields right without their sites' answers"
    if votes.champion_right is None:
        yield Check("held-out votes", True, result)
        return
    yield Check("held-out votes", votes.right >= votes.champion_right, f"{result}, {votes.champion_right} in production")


def _flips(compared: Comparison) -> str:
    return f"of {compared.fields} fields {compared.lost} lost and {compared.won} won"
