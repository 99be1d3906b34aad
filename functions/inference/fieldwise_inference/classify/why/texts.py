"""What stands in each view of a field, as it is quoted in an explanation."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import PLACES
from fieldwise_inference.classify.ranker.evidence import MAX_RUN, Candidates, ordinal
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.classify.why.left_out import AFTER, BEFORE, NEAREST, REACH

MAX_QUOTED = 60
"""Characters of a quoted text; a long one is shortened."""
END_OF_A_NAME = 40
"""Last characters of a long name that are quoted: programs put what tells most at the end (`…billingAddress.city`)."""
MAX_OPTIONS = 4
"""Options that are quoted."""

RUNS: Mapping[str, str] = {
    "label_runs": "in a row with its label",
    "name_runs": "in a row with such a name",
    "label_repeats": "in the form with its label",
}
"""What the columns of the shape count that tell a field's place."""

_UNPRINTABLE = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""Control characters, and marks that change the direction of the text around them."""
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_ISOLATE, _END = "\u2068", "\u2069"


def shortened(text: str, end: int = 0) -> str:
    """A text in one line, of `MAX_QUOTED` characters at most, without characters that could garble the line it is quoted in.

    `end`: how many of its last characters to keep.
    """
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= MAX_QUOTED else line[: MAX_QUOTED - 1 - end].rstrip() + "…" + line[len(line) - end :]


def quoted(text: str) -> str:
    """A text in quotation marks. One that is written from right to left is isolated, so that the sentence keeps its order."""
    short = shortened(text).replace("“", '"').replace("”", '"')
    is_right_to_left = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in short)
    return f"“{_ISOLATE}{short}{_END}”" if is_right_to_left else f"“{short}”"


def texts_of(rows: Sequence[FieldView], row: int, found: Candidates, shape: Mapping[str, int]) -> Mapping[str, str]:
    """The text of each view that has one, shortened.

    `rows`: the questions of a form; `found` and `shape`: of this one, the candidates and the shape's columns by name.
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
        "place": _place(shape),
        "similar": found.fuzzy or "",
        NEAREST: found.near[0].text if found.near else "",
        BEFORE: _named(rows[max(0, row - REACH) : row]),
        AFTER: _named(rows[row + 1 : row + 1 + REACH]),
    }
    return {name: shortened(text, END_OF_A_NAME if name in {"name", "id"} else 0) for name, text in texts.items() if text}


def _place(shape: Mapping[str, int]) -> str:
    for column, which in RUNS.items():
        if shape.get(column):
            position, size = ordinal(shape[column])
            return f"number {position} of {size}{'+' if size == MAX_RUN else ''} {which}"
    return f"number {shape['section_runs']} under its heading" if shape.get("section_runs") else ""


def _named(fields: Sequence[FieldView]) -> str:
    each = MAX_QUOTED // REACH - 2
    texts = (shortened(view.text) for view in fields)
    return ", ".join(text if len(text) <= each else text[: each - 1].rstrip() + "…" for text in texts if text)
