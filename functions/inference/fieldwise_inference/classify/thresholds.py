"""How sure a version must be: its thresholds, and the adjustments one field's evidence makes to the semantic one."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from fieldwise_common.wire import FieldDescriptor, ThresholdContext
from fieldwise_inference.classify.field_view import FieldView

TYPE_SUPPORTS = {
    "email": frozenset({"email"}),
    "tel": frozenset({"tel", "tel-national", "tel-local", "tel-extension", "cc-number", "postal-code"}),
    "password": frozenset({"current-password", "new-password"}),
    "url": frozenset({"url", "linkedin-url", "github-url", "portfolio-url", "twitter-url", "facebook-url", "instagram-url"}),
    "date": frozenset({"bday", "start-date", "job-start-date", "job-end-date", "education-start-date", "education-end-date"}),
    "month": frozenset({"cc-exp", "job-start-date", "job-end-date", "education-start-date", "education-end-date"}),
}
"""Types that speak for a meaning; for any other meaning they speak against it."""

PATTERN_SUPPORTS = (
    (re.compile(r"@"), frozenset({"email"})),
    (re.compile(r"\{5\}|\{4,5\}"), frozenset({"postal-code"})),
    (re.compile(r"\{10\}|\\\+"), frozenset({"tel", "tel-national"})),
    (re.compile(r"https\?|://"), TYPE_SUPPORTS["url"]),
)
SHORT_TEXT = 4
"""Characters at or below which a text is ambiguous."""


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
        """The threshold for a meaning."""
        return self.per_canonical.get(canonical, self.default)


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


LONG_TEXT = 60


def _pattern_matches(field: FieldDescriptor, canonical: str) -> bool:
    return any(canonical in ids and found.search(field.pattern) for found, ids in PATTERN_SUPPORTS)


def dynamic_threshold(
    view: FieldView, canonical: str, is_close: bool, thresholds: Thresholds
) -> tuple[float, tuple[str, ...], ThresholdContext]:
    """The semantic threshold of this field for this meaning, every adjustment by name, and what it was computed from.

    `is_close`: the second-best meaning is nearly as near as the best.
    """
    supports = TYPE_SUPPORTS.get(view.kind)
    context = ThresholdContext(
        field_type=view.kind,
        pattern_matches=_pattern_matches(view.field, canonical),
        is_ambiguous=is_close or len(view.text) <= SHORT_TEXT,
        text_length=len(view.text),
        required=view.field.required,
    )
    applies = {
        "type_supports": supports is not None and canonical in supports,
        "type_contradicts": supports is not None and canonical not in supports,
        "pattern_supports": context.pattern_matches,
        "ambiguous": context.is_ambiguous,
        "name_only": view.text_source in {"name", "id"},
        "long_text": context.text_length > LONG_TEXT,
        "required": context.required,
    }
    by_name = thresholds.adjustments.model_dump()
    named = {name: by_name[name] for name, holds in applies.items() if holds}
    raw = thresholds.base(canonical) + sum(named.values())
    threshold = min(max(raw, thresholds.adjustments.lowest), thresholds.adjustments.highest)
    return round(threshold, 4), tuple(f"{name}:{value:+.2f}" for name, value in named.items()), context
