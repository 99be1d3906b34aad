"""The minimum cosine of the nearest synonym: a base threshold, adjusted by the field's own evidence."""

import re

from fieldwise_common.canonical import Answer, ids_with, is_secret
from fieldwise_common.wire_explain import ThresholdContext
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.thresholds import Thresholds

TYPE_SUPPORTS = {
    "email": ids_with(Answer.EMAIL),
    "tel": frozenset({"tel", "tel-national", "tel-local", "tel-extension", "cc-number", "postal-code"}),
    "password": ids_with(Answer.PASSWORD),
    "url": ids_with(Answer.URL),
    "date": frozenset(canonical for canonical in ids_with(Answer.DATE) if not is_secret(canonical)),
    "month": frozenset({"cc-exp", "job-start-date", "job-end-date", "education-start-date", "education-end-date"}),
}
"""The canonical ids that each type supports; it contradicts all others."""

PATTERN_SUPPORTS = {
    "email": (re.compile(r"@"), frozenset({"email"})),
    "postal-code": (re.compile(r"\{5\}|\{4,5\}"), frozenset({"postal-code"})),
    "tel": (re.compile(r"\{10\}|\\\+"), frozenset({"tel", "tel-national"})),
    "url": (re.compile(r"https\?|://"), TYPE_SUPPORTS["url"]),
}
"""By name: what to look for in a field's `pattern` attribute, and the canonical ids that it supports."""

SHORT_TEXT = 4
"""A text of at most this many characters is ambiguous."""
LONG_TEXT = 60
"""A text of more characters than this is long."""


def dynamic_threshold(
    view: FieldView, canonical: str, is_close: bool, thresholds: Thresholds
) -> tuple[float, tuple[str, ...], ThresholdContext]:
    """The semantic threshold of a field for a canonical id, its adjustments by name, and what it was computed from.

    `is_close`: whether the two nearest canonical ids are almost equally near (`semantic.is_ambiguous`).
    """
    context = context_of(view, is_close)
    applies = conditions(view, canonical, context)
    by_name = thresholds.adjustments.model_dump()
    named = {name: by_name[name] for name, holds in applies.items() if holds}
    raw = thresholds.base(canonical) + sum(named.values())
    threshold = min(max(raw, thresholds.adjustments.lowest), thresholds.adjustments.highest)
    return round(threshold, 4), tuple(f"{name}:{value:+.2f}" for name, value in named.items()), context


def context_of(view: FieldView, is_close: bool) -> ThresholdContext:
    """What the conditions are about. `is_close`: see `dynamic_threshold`."""
    return ThresholdContext(
        field_type=view.kind,
        pattern_matches=tuple(name for name, (found, _) in PATTERN_SUPPORTS.items() if found.search(view.field.pattern)),
        is_ambiguous=is_close or len(view.text) <= SHORT_TEXT,
        text_length=len(view.text),
        required=view.field.required,
    )


def conditions(view: FieldView, canonical: str, context: ThresholdContext) -> dict[str, bool]:
    """Whether each condition of `Adjustments` holds for a field and a canonical id, by its name there."""
    supports = TYPE_SUPPORTS.get(view.kind)
    return {
        "type_supports": supports is not None and canonical in supports,
        "type_contradicts": supports is not None and canonical not in supports,
        "pattern_supports": any(canonical in PATTERN_SUPPORTS[name][1] for name in context.pattern_matches),
        "ambiguous": context.is_ambiguous,
        "name_only": view.text_source in {"name", "id"},
        "long_text": context.text_length > LONG_TEXT,
        "required": context.required,
    }
