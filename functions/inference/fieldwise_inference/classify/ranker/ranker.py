"""The interface of a ranker, and its settings; `model` implements it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_inference.classify.ranker.evidence import Evidence, Floats


class FeaturesNumber(BaseModel):
    """What every `ranker.json` can be read for: those of other features have other settings."""

    features: int = 1
    """The number of the features it was trained on, see `features`; the first rankers have none in their file."""


class RankerSettings(BaseModel):
    """`ranker.json`: the numbering of classes and ids, and the temperature."""

    model_config = ConfigDict(frozen=True)

    classes: tuple[str, ...]
    """The classes it predicts: canonical ids, and `none`."""
    ids: tuple[str, ...]
    """The canonical ids, including negative ones, that lexicon and index may return; `ids[i]` is number i + 1 in the evidence."""
    features: int
    """As in `FeaturesNumber`."""
    whose: tuple[str, ...]
    """Whose data a field can ask for, `self` (the user's) first."""
    temperature: float = Field(gt=0)
    """Divides the logits, to calibrate the probabilities."""
    members: int = Field(ge=1)
    """Size of the ensemble: networks whose probabilities are averaged."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """The number of each of `ids` in the evidence, from 1."""
        return {canonical: i + 1 for i, canonical in enumerate(self.ids)}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a ranker predicts for the n fields of a form.

    probabilities: float32 (n, classes), rows summing to 1: an id's is that the field asks for it and for the user's own.
    whose: float32 (n, len(settings.whose)), rows summing to 1.
    """

    probabilities: Floats
    whose: Floats


class Ranker(Protocol):
    """Predicts what every field of a form asks for, and whose it is."""

    @property
    def settings(self) -> RankerSettings:
        """The settings it was loaded with."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """`settings.numbers`, computed once."""

    def predict(self, evidence: Evidence) -> Prediction:
        """The probabilities of every class and of every owner, for each field."""
