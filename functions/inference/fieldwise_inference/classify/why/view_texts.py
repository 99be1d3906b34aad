"""The text of each view of a field, as explanations quote it."""

from collections.abc import Mapping, Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import PLACES
from fieldwise_inference.classify.ranker.evidence import MAX_RUN, Candidates, ordinal
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.classify.why.view_effects import AFTER, BEFORE, NEAREST, POSITION, REACH
from fieldwise_inference.classify.why.wording import MAX_QUOTED, shortened

NAME_ENDING = 40
"""Last characters of a long name or id that are quoted: its end often tells most (`…billingAddress.city`)."""
MAX_OPTIONS = 4
"""Options that are quoted."""

RUNS: Mapping[str, str] = {
    "label_runs": "in a row with its label",
    "name_runs": "in a row with such a name",
    "label_repeats": "in the form with its label",
}
"""What a field's position is counted in, by column of the shape."""


def texts_of(rows: Sequence[FieldView], row: int, found: Candidates, shape: Mapping[str, int]) -> Mapping[str, str]:
    """The text of each view that has one, shortened.

    `rows`: the questions of a form; `row`: which of them; `found` and `shape`: its candidates, and its columns of the shape by name.
    """
    view, field = rows[row], rows[row].field
    options = [option.text or option.value for option in field.options]
    beside = (field.group, field.nearby, field.described_by, field.title)
    texts = {
        "label": view.text if view.label else "",
        "placeholder": field.placeholder,
        "name": field.name,
        "id": field.id,
        "options": ", ".join(options[:MAX_OPTIONS]) + (", …" if len(options) > MAX_OPTIONS else ""),
        "country": PLACES[shape.get("places", 0)],
        "section": field.section,
        "near": next((text for text in beside if view.near and normalise(text) == view.near), ""),
        "form_name": field.form,
        "autocomplete": field.autocomplete,
        "type": view.kind,
        "length": str(field.maxlength or ""),
        POSITION: _position(shape),
        "similar": found.fuzzy or "",
        NEAREST: found.near[0].text if found.near else "",
        BEFORE: _labels(rows[max(0, row - REACH) : row]),
        AFTER: _labels(rows[row + 1 : row + 1 + REACH]),
    }
    return {name: shortened(text, NAME_ENDING if name in {"name", "id"} else 0) for name, text in texts.items() if text}


def _position(shape: Mapping[str, int]) -> str:
    for column, which in RUNS.items():
        if shape.get(column):
            position, size = ordinal(shape[column])
            return f"number {position} of {size}{'+' if size == MAX_RUN else ''} {which}"
    return f"number {shape['section_runs']} under its heading" if shape.get("section_runs") else ""


def _labels(fields: Sequence[FieldView]) -> str:
    each = MAX_QUOTED // REACH - 2
    texts = (shortened(view.text) for view in fields)
    return ", ".join(text if len(text) <= each else text[: each - 1].rstrip() + "…" for text in texts if text)
