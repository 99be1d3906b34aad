"""A version and its champion on the same fields: which ones flipped, and whether a loss is significant."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING
from fieldwise_training.evaluation.predictions import UNKNOWN, Predictions, TruthForm

MAX_FLIPS = 100
"""How many flipped fields a comparison names; lost ones come first."""
TRAINING_NOISE = 0.005
"""Of the evaluation fields: what two rankers differ by that were trained from the same data with other random numbers (decision 0008)."""
MAX_LABEL = 80
"""Characters of a field's label in a comparison."""


class Flip(BaseModel):
    """A field that only one of the two versions has right. `before`: the champion's prediction; `after`: the new version's."""

    model_config = ConfigDict(frozen=True)

    form: str
    label: str
    truth: str
    before: str
    after: str
    is_held_back: bool = False
    """Whether the new version leaves it empty although its likeliest id is the right one: it does not reach its threshold."""

    @property
    def is_lost(self) -> bool:
        """Whether the champion has it right."""
        return self.before == self.truth


class Comparison(BaseModel):
    """The two versions on the fields of one part whose truth is known."""

    model_config = ConfigDict(frozen=True)

    fields: int
    right: int
    """Fields that the new version has right."""
    wrong_fills: int = 0
    """Fields that the new version fills with a wrong id."""
    champion_right: int | None = None
    """Fields that the champion has right; None, as all that follows is empty, if there is none to compare with."""
    champion_wrong_fills: int | None = None
    lost: int = 0
    """Fields that only the champion has right."""
    held_back: int = 0
    """Of these, fields that are left empty although their likeliest id is the right one."""
    won: int = 0
    """Fields that only the new version has right."""
    p: float | None = None
    """See `p_of_loss`."""
    p_unless_held_back: float | None = None
    """The same, if fields that are held back do not count as lost."""
    p_of_wrong_fills: float | None = None
    """`p_of_loss` where a field filled wrongly by one version only is the loss, or the gain."""
    flipped: tuple[Flip, ...] = ()
    """The fields that were lost or won, at most `MAX_FLIPS`: lost ones first, of these the ones held back last."""


def compare(forms: Sequence[TruthForm], after: Predictions, before: Predictions | None, noise: float = 0.0) -> Comparison:
    """Compares the predictions of the new version (`after`) with those of its champion (`before`; None: without one).

    `noise`: the share of the fields that may be lost on balance before `p` and `p_unless_held_back` count it as a loss at all; half as
    many may be filled wrongly before `p_of_wrong_fills` does.
    """
    if before is None:
        own = [field for form, new in zip(forms, after.predicted, strict=True) for field in _fields(form, new, new, new)]
        return Comparison(fields=len(own), right=_right(own), wrong_fills=sum(_is_wrong_fill(one.truth, one.after) for one in own))
    every: list[Flip] = []
    flips: list[Flip] = []
    changes: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])  # by cluster: fields won, the same unless held back, wrong fills mended
    guesses = after.guesses or after.predicted
    for number, (form, old, new, guess) in enumerate(zip(forms, before.predicted, after.predicted, guesses, strict=True)):
        own = _fields(form, old, new, guess)
        flipped = [field for field in own if (field.before == field.truth) != (field.after == field.truth)]
        change = changes[form.cluster or f"form {number}"]
        change[0] += sum(-1 if flip.is_lost else 1 for flip in flipped)
        change[1] += sum(-1 if flip.is_lost else 1 for flip in flipped if not flip.is_held_back)
        change[2] += sum(_is_wrong_fill(one.truth, one.before) - _is_wrong_fill(one.truth, one.after) for one in own)
        every += own
        flips += flipped
    lost = sum(flip.is_lost for flip in flips)
    right, won = _right(every), len(flips) - lost
    won_by_cluster, unless_held_back, mended = zip(*changes.values(), strict=True) if changes else ((), (), ())
    allowed = int(noise * len(every))
    return Comparison(
        fields=len(every),
        right=right,
        wrong_fills=sum(_is_wrong_fill(one.truth, one.after) for one in every),
        champion_right=right - won + lost,
        champion_wrong_fills=sum(_is_wrong_fill(one.truth, one.before) for one in every),
        lost=lost,
        held_back=sum(flip.is_held_back for flip in flips),
        won=won,
        p=round(p_of_loss(won_by_cluster, allowed), 6),
        p_unless_held_back=round(p_of_loss(unless_held_back, allowed), 6),
        p_of_wrong_fills=round(p_of_loss(mended, allowed // 2), 6),
        flipped=tuple(sorted(flips, key=lambda flip: (not flip.is_lost, flip.is_held_back))[:MAX_FLIPS]),
    )


def _fields(form: TruthForm, before: Iterable[str], after: Iterable[str], guesses: Iterable[str]) -> list[Flip]:
    """The fields of a form whose truth is known. `guesses`: the likeliest ids of the new version."""
    described = zip(form.request.fields, form.truths, before, after, guesses, strict=True)
    return [
        Flip(
            form=form.name,
            label=(field.label or field.aria_label or field.placeholder or field.name or field.id)[:MAX_LABEL],
            truth=truth,
            before=old,
            after=new,
            is_held_back=old == truth == guess and new == NOTHING != truth,
        )
        for field, truth, old, new, guess in described
        if truth != UNKNOWN
    ]


def _right(fields: Iterable[Flip]) -> int:
    return sum(field.after == field.truth for field in fields)


def _is_wrong_fill(truth: str, predicted: str) -> bool:
    return predicted not in {truth, NOTHING}


def p_of_loss(changes: Iterable[int], allowed: int = 0) -> float:
    """How likely a loss at least this large is if the two versions are equally good; 0.5 or more if nothing was lost on balance.

    `changes`: for each cluster of forms (a site), fields won less fields lost. If the versions are equally good, a cluster's change is
    as likely to have the opposite sign; the result is the share of all assignments of signs with a sum no larger than the observed
    one. This is the exact one-sided test of McNemar (Note on the sampling error of the difference between correlated proportions,
    1947) with the cluster as the unit, by Fisher's randomisation of signs (The Design of Experiments, 1935, section 21): the fields
    of one form are decided together and flip together, and a site's forms resemble each other, so that a test that takes fields for
    independent finds significance where there is none (Durkalski et al.: Analysis of clustered matched-pair data, 2003). Where no
    cluster has more than one flipped field, it is McNemar's own test. It is preferred to a bootstrap, which is unreliable when only a
    few clusters flip, as is usual here; and it needs no random numbers.

    `allowed`: how many fields may be lost on balance without being a loss; only what goes beyond that counts.
    """
    sizes = [change for change in changes if change]
    total = sum(map(abs, sizes))
    distribution = np.ones(1)  # of the sum, from -total to total
    for size in map(abs, sizes):
        distribution = (np.pad(distribution, (0, 2 * size)) + np.pad(distribution, (2 * size, 0))) / 2  # the sign is either
    return min(float(distribution[: max(0, sum(sizes) + allowed + total + 1)].sum()), 1.0)
