"""The interface of a ranker, and its settings; `model` implements it."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_inference.classify.ranker.evidence import Evidence, Floats


class RankerSettings(BaseModel):
    """`ranker.json`: the numbering of classes and ids, and the temperature."""

    model_config = ConfigDict(frozen=True)

    classes: tuple[str, ...]
    """The classes it predicts: canonical ids, and `none`."""
    ids: tuple[str, ...]
    """The canonical ids, including negative ones, that lexicon and index may return; `ids[i]` is number i + 1 in the evidence."""
    features: int = 1
    """The number of the features it was trained on, see `features`; the first rankers have none in their file."""
    temperature: float = Field(gt=0)
    """Divides the logits, to calibrate the probabilities."""
    members: int = Field(ge=1)
    """Size of the ensemble: networks whose probabilities are averaged."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """The number of each of `ids` in the evidence, from 1."""
        return {canonical: i + 1 for i, canonical in enumerate(self.ids)}


class Ranker(Protocol):
    """Predicts the probability of every class for every field of a form."""

    @property
    def settings(self) -> RankerSettings:
        """The settings it was loaded with."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """`settings.numbers`, computed once."""

    def probabilities(self, evidence: Evidence) -> Floats:
        """float32 (n, classes), rows summing to 1."""
