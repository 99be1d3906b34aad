"""What a version's details are stored as: `fine_tuning.json` and `calibration.json`, for the report and for people."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from fieldwise_training.evaluation.metrics import Bin


class LanguageGain(BaseModel):
    """Fields of one language whose nearest synonym has the right id, of `fields`, with the base model and with the fine-tuned one."""

    model_config = ConfigDict(frozen=True)

    fields: int
    before: int
    after: int


class FineTuningDetails(BaseModel):
    """`fine_tuning.json`."""

    model_config = ConfigDict(frozen=True)

    losses: tuple[float, ...] = ()
    """The mean training loss of each epoch."""
    by_language: Mapping[str, LanguageGain] = {}
    """On authored forms that neither fine-tuning nor the gate's evaluation uses."""


class Fitted(BaseModel):
    """A threshold, and what it was fitted to."""

    model_config = ConfigDict(frozen=True)

    value: float
    """The threshold that serving uses."""
    fields: int
    """Predictions it was fitted to, authored ones and votes."""
    votes: int = 0
    """Of these, fields with votes."""
    right: int
    """Of these, correct predictions."""
    accepted: int = 0
    """Predictions that reach the threshold."""
    low: float | None = None
    """Interval (95 %) of the share that is correct among the predictions that reach the threshold; None if there are none."""
    high: float | None = None
    pooled: bool = False
    """Whether the evidence of its own was too small, so that the value of all ids together holds."""


class Budget(BaseModel):
    """The owner's budget for wrong fills, and what can be promised."""

    model_config = ConfigDict(frozen=True)

    budget: float
    """Share of fills that may be wrong."""
    bound: float
    """Upper bound of that share, with a probability of 95 % over sites."""
    is_kept: bool
    sites: int
    """Sites, authored and with votes, that the bound is from; none of them was trained on."""
    fills: int
    wrong: int
    coverage: float
    """Share of the fields with an id that are filled correctly."""
    coverage_without: float
    """The same without the budget."""
    reason: str = ""
    """Why the budget can't be kept, or what voids it."""
    live_fills: int = 0
    """Fills of the live version with feedback in the log that was read."""
    live_wrong: int = 0
    """Of these, rejected ones."""
    is_void: bool = False
    """Whether the live version's feedback contradicts the bound it was promoted with."""


class CalibrationDetails(BaseModel):
    """`calibration.json`."""

    model_config = ConfigDict(frozen=True)

    lexical: Fitted | None = None
    semantic: Fitted | None = None
    weights: Mapping[str, float] = {}
    """What each condition adds to the semantic threshold; see `Adjustments` of inference."""
    semantic_by_canonical: Mapping[str, Fitted] = {}
    ranker: Fitted | None = None
    """The threshold for all ids without one of their own."""
    ranker_by_canonical: Mapping[str, Fitted] = {}
    reliability: tuple[Bin, ...] = ()
    """Of the ranker's probabilities, on forms it was not trained on."""
    budget: Budget | None = None
    """None if the owner set none."""
