"""The scale of a grade: a box for one "out of 4.0" or in percent does not get a grade of another scale."""

import re

from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.number import number_of

PERCENT = 100
LOWEST_IN_PERCENT = 20
"""A smaller grade without a percent sign is taken to be on another scale."""
LOW_IS_GOOD = frozenset({"DE", "AT", "CZ", "SK"})
"""Countries by ISO 3166-1 alpha-2 code where 1 is the best grade."""

_OUT_OF = re.compile(r"(?:\bout of|\bscale of|\bauf|\bvon|\bsur|\bsobre|\bsu|/)\s?(\d{1,3}(?:[.,]\d{1,2})?)(?!\d)", re.IGNORECASE)
_SCALE = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)[ -](?:point )?scale\b", re.IGNORECASE)
_IN_PERCENT = re.compile(r"%|\bper ?cent|\bprozent|\bpourcent|\bporcent|\bpercentu", re.IGNORECASE)


def is_on_another_scale(to_fill: FieldToFill) -> bool:
    """Whether a grade can't be one of the scale that the field names; False if it names none."""
    field = to_fill.field
    asked = next((scale for text in (field.label, field.placeholder, field.described_by) if (scale := _scale(text)) is not None), None)
    if asked is None:
        return False
    own, grade = _scale(to_fill.value), number_of(to_fill.value, to_fill.canonical)
    if own is not None:
        return own != asked
    if asked == PERCENT:
        return grade is not None and grade < LOWEST_IN_PERCENT
    return to_fill.home_country in LOW_IS_GOOD or (grade is not None and grade > asked)


def _scale(text: str) -> float | None:
    """The best grade of the scale that a text names: 4 for `out of 4.0`, 100 for percent; None if it names none."""
    found = _OUT_OF.search(text) or _SCALE.search(text)
    if found is not None:
        return float(found[1].replace(",", "."))
    return PERCENT if _IN_PERCENT.search(text) else None
