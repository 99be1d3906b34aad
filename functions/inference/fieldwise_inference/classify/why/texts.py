"""What stands in each view of a field, as it is quoted in an explanation."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ranker.evidence import Candidates
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.classify.why.left_out import AFTER, BEFORE, NEAREST, REACH

MAX_QUOTED = 60
"""Characters of a quoted text; a long one is shortened."""
MAX_OPTIONS = 4
"""Options that are quoted."""

_UNPRINTABLE = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""Control characters, and marks that change the direction of the text around them."""
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_ISOLATE, _END = "\u2068", "\u2069"


def shortened(text: str) -> str:
    """A text in one line, of `MAX_QUOTED` characters at most, without characters that could garble the line it is quoted in."""
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= MAX_QUOTED else line[: MAX_QUOTED - 1].rstrip() + "…"


def quoted(text: str) -> str:
    """A text in quotation marks. One that is written from right to left is isolated, so that the sentence keeps its order."""
    short = shortened(text).replace("“", '"').replace("”", '"')
    is_right_to_left = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in short)
    return f"“{_ISOLATE}{short}{_END}”" if is_right_to_left else f"“{short}”"


def texts_of(rows: Sequence[FieldView], row: int, found: Candidates) -> Mapping[str, str]:
    """The text of each view that has one, shortened. `rows`: the questions of a form; `found`: the candidates of this one."""
    view, field = rows[row], rows[row].field
    options = [option.text or option.value for option in field.options]
    beside = (field.group, field.nearby, field.described_by, field.title)
    texts = {
        "label": view.text if view.label else "",
        "placeholder": field.placeholder,
        "name": field.name,
        "id": field.id,
        "options": ", ".join(options[:MAX_OPTIONS]) + (", …" if len(options) > MAX_OPTIONS else ""),
        "section": field.section,
        "near": next((text for text in beside if view.near and normalise(text) == view.near), ""),
        "form_name": field.form,
        "autocomplete": field.autocomplete,
        "type": view.kind,
        "length": str(field.maxlength or ""),
        "similar": found.fuzzy or "",
        NEAREST: found.near[0].text if found.near else "",
        BEFORE: _named(rows[max(0, row - REACH) : row]),
        AFTER: _named(rows[row + 1 : row + 1 + REACH]),
    }
    return {name: shortened(text) for name, text in texts.items() if text}


def _named(fields: Sequence[FieldView]) -> str:
    each = MAX_QUOTED // REACH - 2
    texts = (shortened(view.text) for view in fields)
    return ", ".join(text if len(text) <= each else text[: each - 1].rstrip() + "…" for text in texts if text)
