"""What a ranker is: its settings, and what the decision needs of it. `model` is the real one."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_inference.classify.ranker.evidence import Evidence, Floats


class RankerSettings(BaseModel):
    """`ranker.json`: the meanings by number, and how sure to be."""

    model_config = ConfigDict(frozen=True)

    classes: tuple[str, ...]
    """What the ranker can answer: canonical ids, and `none`."""
    ids: tuple[str, ...]
    """The canonical ids, negatives among them, that the lexicon and the index may name; number i + 1 in the evidence."""
    features: int = 1
    """What it was trained on: see `features`. Rankers from before the number have none."""
    temperature: float = Field(gt=0)
    members: int = Field(ge=1)
    """Networks whose probabilities are averaged."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """Each of `ids` by its number in the evidence, from 1."""
        return {canonical: i + 1 for i, canonical in enumerate(self.ids)}


class Ranker(Protocol):
    """Probabilities of every meaning for every field of a form."""

    @property
    def settings(self) -> RankerSettings:
        """The meanings by number."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """`settings.numbers`, made once."""

    def probabilities(self, evidence: Evidence) -> Floats:
        """float32 (n, classes), rows summing to 1."""
