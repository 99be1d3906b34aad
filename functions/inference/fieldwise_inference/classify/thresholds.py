"""How sure a version must be: the schema of `thresholds.json`."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_common.canonical import NOTHING


class Adjustments(BaseModel):
    """What is added to the base threshold (0..1 scale of cosine) when each thing holds."""

    model_config = ConfigDict(frozen=True)

    type_supports: float = -0.08
    type_contradicts: float = 0.12
    pattern_supports: float = -0.05
    ambiguous: float = 0.08
    name_only: float = 0.05
    long_text: float = 0.04
    required: float = -0.01
    lowest: float = 0.45
    highest: float = 0.95


class RankerThresholds(BaseModel):
    """From which probability the ranker's answer counts.

    `wrong_cost`: what a wrong fill costs, counted in fields left empty; a probability p is worth filling where
    p > wrong_cost / (1 + wrong_cost), which is `default` before it was fitted to a version's own mistakes.
    """

    model_config = ConfigDict(frozen=True)

    wrong_cost: float = Field(default=2.0, gt=0)
    default: float = Field(default=0.6667, ge=0, le=1)
    nothing: float = Field(default=0.6, ge=0, le=1)
    """From which probability of `none` a field is certainly nothing, and not just unsure."""
    per_canonical: Mapping[str, float] = Field(default_factory=dict)

    def of(self, canonical: str) -> float:
        """The threshold for a meaning, or for `none`."""
        return self.nothing if canonical == NOTHING else self.per_canonical.get(canonical, self.default)


class Thresholds(BaseModel):
    """`thresholds.json`."""

    model_config = ConfigDict(frozen=True)

    lexical: float = Field(default=0.92, ge=0, le=1)
    """Similarity from which a nearly equal text counts."""
    semantic: float = Field(default=0.66, ge=0, le=1)
    """Cosine from which the nearest synonym counts."""
    margin: float = Field(default=0.03, ge=0, le=1)
    """How far the best meaning must stand above the second for a field not to be ambiguous (cosine)."""
    per_canonical: Mapping[str, float] = Field(default_factory=dict)
    adjustments: Adjustments = Adjustments()
    ranker: RankerThresholds = RankerThresholds()

    def base(self, canonical: str) -> float:
        """The semantic threshold before any adjustment."""
        return self.per_canonical.get(canonical, self.semantic)
