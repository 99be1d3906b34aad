"""The thresholds of a version: the schema of `thresholds.json`."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_common.canonical import NOTHING


class Adjustments(BaseModel):
    """What each condition adds to the base threshold (a cosine in 0..1), and the range of the result. See `dynamic_threshold`."""

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
    """The minimum probability at which a prediction of the ranker is accepted.

    `wrong_cost` is the cost of a wrong fill, in units of a field left empty. A fill is worth it if it is right in
    wrong_cost / (1 + wrong_cost) of all cases: calibration fits the probabilities from which that holds, `per_canonical`, and for ids
    that it has not seen, `default`.
    """

    model_config = ConfigDict(frozen=True)

    wrong_cost: float = Field(default=2.0, gt=0)
    default: float = Field(default=0.6667, ge=0, le=1)
    nothing: float = Field(default=0.6, ge=0, le=1)
    """The minimum probability of `none` at which a field is decided as "nothing" rather than "unsure"."""
    autocomplete: float = Field(default=0, ge=0, le=1)
    """The minimum probability of an id that the page itself declares by `autocomplete`, beyond `ranker.decide.BELIEVED_FROM`. Set by a
    budget for wrong fills."""
    per_canonical: Mapping[str, float] = Field(default_factory=dict)

    def of(self, canonical: str) -> float:
        """The threshold of a canonical id, or of `none`."""
        return self.nothing if canonical == NOTHING else self.per_canonical.get(canonical, self.default)


class Thresholds(BaseModel):
    """`thresholds.json`."""

    model_config = ConfigDict(frozen=True)

    lexical: float = Field(default=0.92, ge=0, le=1)
    """Minimum similarity of a fuzzy match in the lexicon: as fitted, or the training's setting LEX_THRESHOLD."""
    semantic: float = Field(default=0.66, ge=0, le=1)
    """Minimum cosine of the nearest synonym, before adjustments."""
    margin: float = Field(default=0.03, ge=0, le=1)
    """A field is ambiguous if the cosines of its two nearest canonical ids differ by less than this."""
    per_canonical: Mapping[str, float] = Field(default_factory=dict)
    adjustments: Adjustments = Adjustments()
    ranker: RankerThresholds = RankerThresholds()
    ranker_without_budget: RankerThresholds | None = None
    """What `ranker` would be without the owner's budget for wrong fills; None if there is no budget."""

    def without_budget(self) -> "Thresholds":
        """The same, as if there were no budget: two versions are compared by how well they understand forms, not by what they may risk."""
        return self.model_copy(update={"ranker": self.ranker_without_budget or self.ranker, "ranker_without_budget": None})

    def base(self, canonical: str) -> float:
        """The semantic threshold of a canonical id before adjustments."""
        return self.per_canonical.get(canonical, self.semantic)
