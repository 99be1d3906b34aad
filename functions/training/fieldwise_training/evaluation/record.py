"""`metrics.json`: all that was measured of a version."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.intervals import Difference
from fieldwise_training.evaluation.metrics import Measured
from fieldwise_training.evaluation.overrides import ReviewedOverride
from fieldwise_training.state import EncoderFacts

NOTHING_COMPARED = Comparison(fields=0, right=0)


class Ancestor(BaseModel):
    """The best version behind the one in production, and the new version on the same fields."""

    model_config = ConfigDict(frozen=True)

    version: str
    of: int
    """Ancestors that it is the best of."""
    compared: Comparison
    """With this ancestor in the champion's place."""


class Metrics(BaseModel):
    """The version, and the one in production on the same fields."""

    model_config = ConfigDict(frozen=True)

    candidate: Measured
    champion: Measured | None
    champion_problem: str | None = None
    """Why the version in production could not be measured; None if it could, or if there is none."""
    encoder: EncoderFacts | None
    forms: int = 0
    """Behind `candidate` and `champion`."""
    sites: int = 0
    evaluation: Comparison = NOTHING_COMPARED
    """On the forms behind `candidate` and `champion`."""
    differences: Mapping[str, Difference] = {}
    """On the same forms, by the name in `Figures`; empty if there is no version to compare with."""
    stricter: str | None = None
    """That the owner made wrong fills dearer than in production, in words; None: not so."""
    looser: str | None = None
    """That the owner made wrong fills cheaper."""
    ancestor: Ancestor | None = None
    guard: Comparison = NOTHING_COMPARED
    held_out_votes: Comparison = NOTHING_COMPARED
    agreed: Comparison = NOTHING_COMPARED
    overrides: tuple[ReviewedOverride, ...] = ()
    overrides_problem: str | None = None
    """Why the overrides could not be read; None if they could."""
