"""A version and its champion on the same fields: which ones flipped, and whether the loss is significant."""

from collections.abc import Iterable, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from fieldwise_training.evaluation.predictions import UNKNOWN, Predictions, TruthForm

MAX_FLIPS = 100
"""How many flipped fields a comparison names; lost ones come first."""
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
    champion_right: int | None = None
    """Fields that the champion has right; None, as all that follows is empty, if there is none to compare with."""
    lost: int = 0
    """Fields that only the champion has right."""
    won: int = 0
    """Fields that only the new version has right."""
    p: float | None = None
    """See `p_of_loss`."""
    flipped: tuple[Flip, ...] = ()
    """The fields that were lost or won, at most `MAX_FLIPS`."""


def compare(forms: Sequence[TruthForm], after: Predictions, before: Predictions | None) -> Comparison:
    """Compares the predictions of the new version (`after`) with those of its champion (`before`; None: without one)."""
    if before is None:
        own = [flip for form, guesses in zip(forms, after.predicted, strict=True) for flip in _fields(form, guesses, guesses)]
        return Comparison(fields=len(own), right=sum(field.after == field.truth for field in own))
    flips: list[Flip] = []
    changes: list[int] = []
    fields = right = 0
    for form, old, new in zip(forms, before.predicted, after.predicted, strict=True):
        own = _fields(form, old, new)
        flipped = [field for field in own if (field.before == field.truth) != (field.after == field.truth)]
        fields += len(own)
        right += sum(field.after == field.truth for field in own)
        changes.append(sum(-1 if flip.is_lost else 1 for flip in flipped))
        flips += flipped
    lost = sum(flip.is_lost for flip in flips)
    won = len(flips) - lost
    return Comparison(
        fields=fields,
        right=right,
        champion_right=right - won + lost,
        lost=lost,
        won=won,
        p=round(p_of_loss(changes), 6),
        flipped=tuple(sorted(flips, key=lambda flip: not flip.is_lost)[:MAX_FLIPS]),
    )


def _fields(form: TruthForm, before: Iterable[str], after: Iterable[str]) -> list[Flip]:
    """The fields of a form whose truth is known."""
    described = zip(form.request.fields, form.truths, before, after, strict=True)
    return [
        Flip(form=form.name, label=(f.label or f.aria_label or f.placeholder or f.name or f.id)[:MAX_LABEL], truth=truth, before=b, after=a)
        for f, truth, b, a in described
        if truth != UNKNOWN
    ]


def p_of_loss(changes: Iterable[int]) -> float:
    """How likely a loss at least this large is if the two versions are equally good; 0.5 or more if nothing was lost on balance.

    `changes`: for each form, fields won less fields lost. If the versions are equally good, a form's change is as likely to have
    the opposite sign; the result is the share of all assignments of signs with a sum no larger than the observed one. This is the
    exact one-sided test of McNemar (Note on the sampling error of the difference between correlated proportions, 1947) with the
    form as the unit, by Fisher's randomisation of signs (The Design of Experiments, 1935, section 21): the fields of one form are
    decided together and flip together, so that a test that takes fields for independent finds significance where there is none
    (Durkalski et al.: Analysis of clustered matched-pair data, 2003). Where no form has more than one flipped field, it is
    McNemar's own test. It is preferred to a bootstrap over forms, which is unreliable when only a few forms flip, as is usual here;
    and it needs no random numbers.
    """
    sizes = [change for change in changes if change]
    total = sum(map(abs, sizes))
    distribution = np.ones(1)  # of the sum, from -total to total
    for size in map(abs, sizes):
        distribution = (np.pad(distribution, (0, 2 * size)) + np.pad(distribution, (2 * size, 0))) / 2  # the sign is either
    return min(float(distribution[: sum(sizes) + total + 1].sum()), 1.0)
