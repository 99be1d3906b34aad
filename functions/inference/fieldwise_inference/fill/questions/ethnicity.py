"""Ethnicity asked apart from race: in the United States that is whether one is of Hispanic origin."""

import re
from collections.abc import Sequence
from dataclasses import replace

from fieldwise_common.wire import FieldSlice
from fieldwise_inference.fill.choices.words import declines
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.options import answers_among, text_of

_HISPANIC = re.compile(r"\b(?:hispan|latin)", re.IGNORECASE)


def as_asked(to_fill: FieldToFill, fields: Sequence[FieldSlice]) -> FieldToFill:
    """The question of Hispanic origin, if all answers that an ethnicity field, or its radios, offer are about that; else as it is."""
    origin = to_fill.profile.get("hispanic-latino", "")
    if to_fill.canonical != "ethnicity" or not origin:
        return to_fill
    texts = [text_of(option) for field in fields for option in answers_among(field.options)] or [field.label for field in fields]
    answers = [text for text in texts if text and not declines(text)]
    is_origin = bool(answers) and all(map(_HISPANIC.search, answers)) and len(texts) > 1
    return replace(to_fill, canonical="hispanic-latino", value=origin) if is_origin else to_fill
