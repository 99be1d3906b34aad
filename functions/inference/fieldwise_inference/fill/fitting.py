"""The first of several ways to write a value that a field's length and pattern admit."""

from collections.abc import Sequence

from fieldwise_common.wire import FieldSlice
from fieldwise_inference.fill.outcome import Answer, Outcome, Reason, Refusal
from fieldwise_inference.fill.pattern import allows


def units(text: str) -> int:
    """The length of a text as `maxlength` counts it: in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def is_short_enough(text: str, field: FieldSlice) -> bool:
    """Whether the field's `maxlength`, if it has one, admits `text`."""
    return field.maxlength is None or units(text) <= field.maxlength


def fit(variants: Sequence[Answer], field: FieldSlice) -> Outcome:
    """The first variant (the best comes first) that fits; a value is never cut to make it fit."""
    short = [variant for variant in variants if variant.value and is_short_enough(variant.value, field)]
    fitting = (variant for variant in short if allows(field.pattern, variant.value))
    return next(fitting, Refusal(Reason.PATTERN_MISMATCH if short else Reason.TOO_LONG))


def fit_texts(texts: Sequence[str], field: FieldSlice) -> Outcome:
    """As `fit`, for variants without a caveat; repeated ones count once."""
    return fit([Answer(text) for text in dict.fromkeys(texts)], field)
