"""The figures of a version: counted field by field, from what was predicted and what is true."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING
from fieldwise_training.state import EncoderFacts

WORST = 25
"""Confusions listed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One field of the evaluation: `truth` and `predicted` are canonical ids, or `none` for what isn't to be filled."""

    lang: str
    truth: str
    predicted: str


class Figures(BaseModel):
    """Shares in 0..1, each rounded to 4 digits; None where there is nothing to take a share of."""

    model_config = ConfigDict(frozen=True)

    fields: int
    accuracy: float | None
    """Top-1: fields whose prediction is the truth, `none` included."""
    recall: float | None
    """Of the fields that mean something, those recognised as what they are."""
    precision: float | None
    """Of the fields predicted to mean something, those that do mean it."""
    false_fill: float | None
    """Of the fields that mean nothing, those predicted to mean something."""


class Confusion(BaseModel):
    """How often `truth` was taken for `predicted`."""

    model_config = ConfigDict(frozen=True)

    truth: str
    predicted: str
    count: int


class Measured(BaseModel):
    """What was measured of one version."""

    model_config = ConfigDict(frozen=True)

    version: str
    overall: Figures
    by_language: Mapping[str, Figures]
    by_canonical: Mapping[str, Figures]
    """By the truth, precision by the prediction."""
    by_method: Mapping[str, int]
    """How many fields each step decided."""
    confusions: tuple[Confusion, ...]


class Metrics(BaseModel):
    """`metrics.json`: the version, and the one in production on the same fields in the same run."""

    model_config = ConfigDict(frozen=True)

    candidate: Measured
    champion: Measured | None
    champion_problem: str | None = None
    """Why the version in production could not be measured."""
    encoder: EncoderFacts | None


def measured(version: str, outcomes: Sequence[Outcome], by_method: Mapping[str, int]) -> Measured:
    """All the figures of one version."""
    languages = sorted({o.lang for o in outcomes})
    truths = sorted({o.truth for o in outcomes})
    wrong = Counter((o.truth, o.predicted) for o in outcomes if o.truth != o.predicted)
    ranked = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))[:WORST]
    return Measured(
        version=version,
        overall=figures(outcomes),
        by_language={lang: figures([o for o in outcomes if o.lang == lang]) for lang in languages},
        by_canonical={truth: _figures_of(truth, outcomes) for truth in truths},
        by_method=dict(sorted(by_method.items())),
        confusions=tuple(Confusion(truth=t, predicted=p, count=n) for (t, p), n in ranked),
    )


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures over all of `outcomes`."""
    meaningful = [o for o in outcomes if o.truth != NOTHING]
    nothing = [o for o in outcomes if o.truth == NOTHING]
    filled = [o for o in outcomes if o.predicted != NOTHING]
    return Figures(
        fields=len(outcomes),
        accuracy=_share(o.predicted == o.truth for o in outcomes),
        recall=_share(o.predicted == o.truth for o in meaningful),
        precision=_share(o.predicted == o.truth for o in filled),
        false_fill=_share(o.predicted != NOTHING for o in nothing),
    )


def _figures_of(canonical: str, outcomes: Sequence[Outcome]) -> Figures:
    own = figures([o for o in outcomes if o.truth == canonical])
    return own.model_copy(update={"precision": _share(o.truth == canonical for o in outcomes if o.predicted == canonical)})


def _share(hits: Iterable[bool]) -> float | None:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else None
