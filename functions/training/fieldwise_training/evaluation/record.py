"""`metrics.json`: all that was measured of a version."""

from pydantic import BaseModel, ConfigDict

from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.metrics import Measured
from fieldwise_training.evaluation.overrides import ReviewedOverride
from fieldwise_training.state import EncoderFacts

NOTHING_COMPARED = Comparison(fields=0, right=0)


class Metrics(BaseModel):
    """The version, and the one in production on the same fields."""

    model_config = ConfigDict(frozen=True)

    candidate: Measured
    champion: Measured | None
    champion_problem: str | None = None
    """Why the version in production could not be measured; None if it could, or if there is none."""
    encoder: EncoderFacts | None
    evaluation: Comparison = NOTHING_COMPARED
    """On the forms behind `candidate` and `champion`."""
    guard: Comparison = NOTHING_COMPARED
    held_out_votes: Comparison = NOTHING_COMPARED
    agreed: Comparison = NOTHING_COMPARED
    overrides: tuple[ReviewedOverride, ...] = ()
    overrides_problem: str | None = None
    """Why the overrides could not be read; None if they could."""
