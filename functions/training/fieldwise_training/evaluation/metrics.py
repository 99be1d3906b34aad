"""The metrics of a version, from the prediction and the truth of every field."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING
from fieldwise_training.state import EncoderFacts

WORST = 25
"""How many confusions are listed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One evaluated field: `truth` and `predicted` are canonical ids, or `none` for a field not to be filled."""

    lang: str
    truth: str
    predicted: str


class Figures(BaseModel):
    """Shares in 0..1, rounded to 4 digits; None if there are no fields to take a share of."""

    model_config = ConfigDict(frozen=True)

    fields: int
    accuracy: float | None
    """Top-1: of all fields, those predicted correctly, `none` included."""
    recall: float | None
    """Of the fields with a canonical id as truth, those predicted correctly."""
    precision: float | None
    """Of the fields with a canonical id as prediction, those predicted correctly."""
    false_fill: float | None
    """Of the fields with `none` as truth, those with a canonical id as prediction."""


class Confusion(BaseModel):
    """How many fields of `truth` were predicted to be `predicted`."""

    model_config = ConfigDict(frozen=True)

    truth: str
    predicted: str
    count: int


class Measured(BaseModel):
    """The metrics of one version."""

    model_config = ConfigDict(frozen=True)

    version: str
    overall: Figures
    by_language: Mapping[str, Figures]
    by_canonical: Mapping[str, Figures]
    """Grouped by truth; precision, by prediction."""
    by_method: Mapping[str, int]
    """How many fields were decided by each `method`."""
    confusions: tuple[Confusion, ...]


class Metrics(BaseModel):
    """`metrics.json`: the version, and the one in production measured on the same fields in the same run."""

    model_config = ConfigDict(frozen=True)

    candidate: Measured
    champion: Measured | None
    champion_problem: str | None = None
    """Why the version in production could not be measured; None if it could, or if there is none."""
    encoder: EncoderFacts | None


def measured(version: str, outcomes: Sequence[Outcome], by_method: Mapping[str, int]) -> Measured:
    """All metrics of one version."""
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
    """The metrics over all `outcomes`."""
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


def percent(share: float | None) -> str:
    """A share for people: `93.7%`, or a dash for None."""
    return "–" if share is None else f"{share:.1%}"
